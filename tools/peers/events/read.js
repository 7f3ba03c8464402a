// Reads an event file for TensorBoard with another project's reader, which checks every length and checksum:
//   npm install && node read.js RUN/events.out.tfevents.flixstock
// Prints the tags with their number of values, first and last step; fails at the first record that is not right.
const { RecordReader } = require('tfrecord');
const protobuf = require('protobufjs');

// Fields and numbers as TensorBoard's event.proto and summary.proto have them.
const schema = `syntax = "proto3";
message Event { double wall_time = 1; int64 step = 2; oneof what { string file_version = 3; Summary summary = 5; } }
message Summary { message Value { string tag = 1; float simple_value = 2; } repeated Value value = 1; }`;
const Event = protobuf.parse(schema, { keepCase: true }).root.lookupType('Event');

async function main(path) {
    const reader = await RecordReader.create(path);
    const tags = new Map();
    let records = 0;
    for (let bytes; (bytes = await reader.readRecord()) !== null; records++) {
        const event = Event.decode(bytes);
        if (records === 0 && event.file_version !== 'brain.Event:2')
            throw new Error(`the first record is no version: ${JSON.stringify(event)}`);
        for (const value of event.summary?.value ?? []) {
            const steps = tags.get(value.tag) ?? [];
            steps.push(Number(event.step));
            tags.set(value.tag, steps);
        }
    }
    for (const [tag, steps] of tags) {
        const ordered = steps.every((step, i) => i === 0 || steps[i - 1] < step);
        console.log(`${tag}: ${steps.length} values, steps ${steps[0]} to ${steps.at(-1)}`);
        if (!ordered)
            throw new Error(`${tag}: a step is there twice, or out of order`);
    }
    console.log(`${records} records, all checksums right`);
}

main(process.argv[2]).catch(error => {
    console.error(error.message);
    process.exit(1);
});
