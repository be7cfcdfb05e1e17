"""The network of EmoNet: a face alignment network whose features and heatmaps feed a small expression network.

Written from the papers (Toisoul et al. 2021, https://doi.org/10.1038/s42256-020-00280-0; Bulat and Tzimiropoulos 2017,
https://arxiv.org/abs/1703.07332). Layers carry the names they have in the published state dicts, so that those load. The module is
private because it needs torch to be imported.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate, max_pool2d, relu

WIDTH = 256
"""Channels between the blocks."""

LEVELS = 4
"""How often an hourglass halves its picture."""

STACKS = 2
"""Hourglasses, one after the other."""

POINTS = 68
"""Landmarks, each with its heatmap."""

EXPRESSION_BLOCKS = 4


class Block(nn.Module):
    """Three 3×3 convolutions, each on the answer of the one before; their answers side by side are added to what came in.

    (N, taken, H, W) → (N, given, H, W).
    """

    def __init__(self, taken: int, given: int) -> None:
        super().__init__()
        widths = (taken, given // 2, given // 4, given // 4)
        for place in (1, 2, 3):
            self.add_module(f"bn{place}", nn.BatchNorm2d(widths[place - 1]))
            self.add_module(f"conv{place}", nn.Conv2d(widths[place - 1], widths[place], 3, padding=1, bias=False))
        self.downsample: nn.Module = nn.Identity()
        if taken != given:
            self.downsample = nn.Sequential(nn.BatchNorm2d(taken), nn.ReLU(), nn.Conv2d(taken, given, 1, bias=False))

    def forward(self, x: Tensor) -> Tensor:
        answers = [x]
        for place in (1, 2, 3):
            normal, convolution = self.get_submodule(f"bn{place}"), self.get_submodule(f"conv{place}")
            answers.append(convolution(relu(normal(answers[-1]))))
        return torch.cat(answers[1:], 1) + self.downsample(x)


class Hourglass(nn.Module):
    """Down `LEVELS` times and up again, with a path beside at every level; (N, WIDTH, H, W) → the same shape."""

    def __init__(self) -> None:
        super().__init__()
        for level in range(1, LEVELS + 1):
            for part in ("b1", "b2", "b3"):
                self.add_module(f"{part}_{level}", Block(WIDTH, WIDTH))
        self.b2_plus_1 = Block(WIDTH, WIDTH)

    def forward(self, x: Tensor, level: int = LEVELS) -> Tensor:
        beside = self.get_submodule(f"b1_{level}")(x)
        below = self.get_submodule(f"b2_{level}")(max_pool2d(x, 2))
        below = self.b2_plus_1(below) if level == 1 else self.forward(below, level - 1)
        return beside + interpolate(self.get_submodule(f"b3_{level}")(below), scale_factor=2, mode="nearest")


class EmoNetwork(nn.Module):
    """(N, 3, 256, 256) RGB in [0, 1] → (N, classes + 2): logits of the classes, then valence and arousal, not yet clipped."""

    def __init__(self, classes: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2 = Block(64, 128)
        self.conv3 = Block(128, 128)
        self.conv4 = Block(128, WIDTH)
        for stack in range(STACKS):
            self.add_module(f"m{stack}", Hourglass())
            self.add_module(f"top_m_{stack}", Block(WIDTH, WIDTH))
            self.add_module(f"conv_last{stack}", nn.Conv2d(WIDTH, WIDTH, 1))
            self.add_module(f"bn_end{stack}", nn.BatchNorm2d(WIDTH))
            self.add_module(f"l{stack}", nn.Conv2d(WIDTH, POINTS, 1))
        for stack in range(STACKS - 1):
            self.add_module(f"bl{stack}", nn.Conv2d(WIDTH, WIDTH, 1))
            self.add_module(f"al{stack}", nn.Conv2d(POINTS, WIDTH, 1))
        self.conv1x1_input_emo_2 = nn.Conv2d((STACKS + 1) * WIDTH, WIDTH, 1)
        self.emo_net_2 = nn.Sequential(*(layer for _ in range(EXPRESSION_BLOCKS) for layer in (Block(WIDTH, WIDTH), nn.MaxPool2d(2))))
        self.emo_fc_2 = nn.Sequential(nn.Linear(WIDTH, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, classes + 2))

    def forward(self, x: Tensor) -> Tensor:
        low = relu(self.bn1(self.conv1(x)))
        low = self.conv4(self.conv3(max_pool2d(self.conv2(low), 2)))
        seen, features, heatmaps = low, [], low
        for stack in range(STACKS):
            here = self._layer("top_m_", stack)(self._layer("m", stack)(seen))
            here = relu(self._layer("bn_end", stack)(self._layer("conv_last", stack)(here)))
            heatmaps = self._layer("l", stack)(here)
            if stack < STACKS - 1:
                here = self._layer("bl", stack)(here)
                seen = seen + here + self._layer("al", stack)(heatmaps)
            features.append(here)
        attention = heatmaps.sum(1, keepdim=True)  # where the landmarks are is where the expression is looked for
        together = torch.cat([low, torch.cat(features, 1) * attention], 1)
        return self.emo_fc_2(self.emo_net_2(self.conv1x1_input_emo_2(together)).mean((2, 3)))

    def _layer(self, name: str, stack: int) -> nn.Module:
        return self.get_submodule(f"{name}{stack}")
