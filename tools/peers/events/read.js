// Reads an event file for TensorBoard with another project's reader, which checks every length and checksum:
//   npm install && node read.js RUN/events.out.tfevents.flixstock
// Prints the tags with their number of values, first and last step, and what the last histogram or picture holds.
// Fails at the first record that is not right, and at a histogram or picture that TensorBoard would not show.
const { RecordReader } = require('tfrecord');
const protobuf = require('protobufjs');
const { PNG } = require('pngjs');

// Fields and numbers as TensorBoard's event.proto, summary.proto and histogram.proto have them.
const schema = `syntax = "proto3";
message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
message Image { int32 height = 1; int32 width = 2; int32 colorspace = 3; bytes encoded_image_string = 4; }
message HistogramProto {
  double min = 1; double max = 2; double num = 3; double sum = 4; double sum_squares = 5;
  repeated double bucket_limit = 6 [packed = true]; repeated double bucket = 7 [packed = true];
}
message Summary {
  message Value { string tag = 1; oneof value { float simple_value = 2; Image image = 4; HistogramProto histo = 5; } }
  repeated Value value = 1;
}`;
const Event = protobuf.parse(schema, { keepCase: true }).root.lookupType('Event');

function expect(condition, tag, problem) {
    if (!condition)
        throw new Error(`${tag}: ${problem}`);
}

function histogram(tag, histo) {
    const { min, max, num, bucket_limit: limits, bucket } = histo;
    expect(limits.length === bucket.length && bucket.length > 0, tag, `${limits.length} limits, ${bucket.length} buckets`);
    expect(limits.every((limit, i) => i === 0 || limits[i - 1] < limit), tag, 'the limits do not grow');
    expect(limits.at(-1) === max && min <= limits[0], tag, `from ${min} to ${max}, and the limits are ${limits}`);
    expect(bucket.reduce((sum, count) => sum + count, 0) === num, tag, 'the buckets do not hold all values');
    return `${num} values from ${min.toPrecision(4)} to ${max.toPrecision(4)} in ${bucket.length} buckets`;
}

function picture(tag, image) {
    const { width, height } = PNG.sync.read(Buffer.from(image.encoded_image_string)); // checks its checksums as well
    expect(width === image.width && height === image.height, tag, `its picture has ${width} x ${height} pixels`);
    expect(image.colorspace === 3, tag, `colour space ${image.colorspace}`);
    return `PNG of ${width} x ${height}`;
}

function describe(value) {
    expect(value.value !== undefined, value.tag, 'it has no value');
    return value.histo ? histogram(value.tag, value.histo)
        : value.image ? picture(value.tag, value.image)
        : '';
}

async function main(path) {
    const reader = await RecordReader.create(path);
    const tags = new Map();
    let records = 0;
    for (let bytes; (bytes = await reader.readRecord()) !== null; records++) {
        const event = Event.decode(bytes);
        if (records === 0 && event.file_version !== 'brain.Event:2')
            throw new Error(`the first record is no version: ${JSON.stringify(event)}`);
        for (const value of event.summary?.value ?? []) {
            const known = tags.get(value.tag) ?? { steps: [], holds: '' };
            known.steps.push(Number(event.step));
            known.holds = describe(value);
            tags.set(value.tag, known);
        }
    }
    for (const [tag, { steps, holds }] of tags) {
        const ordered = steps.every((step, i) => i === 0 || steps[i - 1] < step);
        console.log(`${tag}: ${steps.length} values, steps ${steps[0]} to ${steps.at(-1)}${holds && `; ${holds}`}`);
        if (!ordered)
            throw new Error(`${tag}: a step is there twice, or out of order`);
    }
    console.log(`${records} records, all checksums right`);
}

main(process.argv[2]).catch(error => {
    console.error(error.message);
    process.exit(1);
});
