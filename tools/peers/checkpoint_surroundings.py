#!/usr/bin/env python3
"""Makes the files of tests/golden/pth that have schedulers, optimizers and other Python objects next to a tiny model's weights, as PyTorch 1.x saves them.

  /usr/bin/python3 tools/peers/checkpoint_surroundings.py tests/golden/pth

Needs PyTorch 1.13 (Debian's python3-torch) and numpy.
"""
import argparse, collections, datetime, decimal, functools, pathlib, sys, uuid
import numpy
import torch
from torch.optim.lr_scheduler import OneCycleLR
from torch.optim.swa_utils import SWALR


def save(name, content, **options):
    torch.save({"model": model.state_dict(), **content}, f"{sys.argv[1]}/{name}.pth", **options)


torch.manual_seed(1)
model = torch.nn.Linear(2, 2)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
one_cycle = OneCycleLR(optimizer, 0.1, total_steps=5)
model(torch.ones(1, 2)).sum().backward()
optimizer.step()  # its state is kept under the parameters themselves
one_cycle.step()
save("scheduler_onecycle_zip", {"optimizer": optimizer.state_dict(), "scheduler": one_cycle.state_dict()})
save("scheduler_onecycle_legacy", {"scheduler": one_cycle.state_dict()}, _use_new_zipfile_serialization=False)
save("scheduler_object_zip", {"scheduler": one_cycle})
swa = SWALR(optimizer, 0.1)
save("scheduler_protocol4_zip", {"one": one_cycle.state_dict(), "swa": swa.state_dict()}, pickle_protocol=4)
save("outside_the_weights_zip", {
    "swa": swa.state_dict(), "criterion": torch.nn.BCEWithLogitsLoss(pos_weight=torch.ones(2)), "partial": functools.partial(torch.optim.SGD, lr=0.1),
    "deque": collections.deque([1.0, 2.0], maxlen=9), "counter": collections.Counter("aab"), "defaultdict": collections.defaultdict(list, a=[1]), "frozen": frozenset([1]),
    "complex": 1 + 2j, "range": range(3), "slice": slice(1, 2), "uuid": uuid.UUID(int=5), "decimal": decimal.Decimal("1.5"), "none": type(None), "int": int,
    "numpy": numpy.float32(2), "generator": numpy.random.Generator(numpy.random.PCG64(1)), "when": datetime.datetime(2024, 1, 2, tzinfo=datetime.timezone.utc),
    "path": pathlib.PosixPath("/x"), "args": argparse.Namespace(lr=0.1), "device": torch.device("cuda:0"), "dtype": torch.float16, "layout": torch.strided,
})
