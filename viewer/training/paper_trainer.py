"""The two-level VQ-VAE-2 in training: recipe, steps, validation, checkpoints."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from viewer.networks.vqvae2_paper import INPUT_GAIN, PaperNetwork, PaperOutput, PaperShape
from viewer.progress import CancelToken
from viewer.training.checkpoint import load_checkpoint, save_checkpoint, write_json
from viewer.training.crops import CropPlan, CropSource, Picture
from viewer.training.linear_start import start_codebooks, start_linear


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the outcome of a training beside the data and its length.

    Attributes
    ----------
    learning_rate
        Of Adam at its highest, for the residual blocks, which start at zero; falls to a hundredth
        along a cosine over the length of the training.
    transform_factor
        Share of it for the convolutions that start as the block transform: a precise start is
        easily shaken loose.
    encoder_factor, encoder_from
        Share of both for the encoders, and the share of the training after which they move: before
        that, decoders and codebooks learn from the transform's own latents.
    batch
        Crops a step.
    target_bpp
        Bits per pixel under the moving usage of the codes (before context coding) that the
        Lagrangian is steered to.
    first_lagrangian
        Squared distance in latent units that one bit is worth, at the start.
    commitment
        Weight beta of the commitment term.
    start_crops
        Crops whose coefficients start the codebooks.
    validate_every, checkpoint_seconds
        Steps between validations, seconds between checkpoints.
    validation_pictures
        How many pictures of the validation folder are looked at each time.
    low_precision
        Whether the inside of the residual blocks computes in bfloat16.
    """

    learning_rate: float = 3e-4
    transform_factor: float = 0.1
    encoder_factor: float = 0.1
    encoder_from: float = 0.6
    batch: int = 8
    target_bpp: float = 0.92
    first_lagrangian: float = 0.018
    commitment: float = 0.25
    start_crops: int = 400
    validate_every: int = 500
    checkpoint_seconds: float = 120.0
    validation_pictures: int = 10
    low_precision: bool = True


class Trainer:
    """One training: the network, its optimiser, where it stands, and its validation curve."""

    def __init__(
        self,
        train: Sequence[Picture],
        validation: Sequence[Picture],
        *,
        shape: PaperShape | None = None,
        recipe: Recipe | None = None,
        plan: CropPlan | None = None,
        device: torch.device | None = None,
        seed: int = 0,
    ) -> None:
        self.recipe = recipe or Recipe()
        self.device = device or torch.device("cpu")
        self.seed = seed
        torch.manual_seed(seed)
        self.source = CropSource(train, plan, seed)
        self.validation = list(validation)[: self.recipe.validation_pictures]
        self.network = PaperNetwork(shape)
        self.lagrangian = self.recipe.first_lagrangian
        self.step = 0
        self.seconds = 0.0
        self.curve: list[dict[str, float]] = []
        self._bpp = self.recipe.target_bpp
        self.network.to(self.device)
        self._groups = _parameter_groups(self.network, self.recipe)
        self.optimiser = torch.optim.Adam(
            [{"params": group.parameters} for group in self._groups], betas=(0.9, 0.999)
        )

    def start(self) -> None:
        """Set the network to the linear transform and its codebooks to cluster centres."""
        self.network.to("cpu").eval()
        start_linear(self.network)
        crops = torch.from_numpy(self.source.batch(2**31, self.recipe.start_crops))
        generator = torch.Generator().manual_seed(self.seed)
        start_codebooks(self.network, crops, self.lagrangian, generator)
        self.network.to(self.device)

    def resume(self, folder: Path) -> None:
        """Go on from the checkpoint in ``folder``; raises TrainingError when it cannot be used."""
        state = load_checkpoint(folder, self.network, self.optimiser)
        self.step = int(state["step"])
        self.seconds = float(state["seconds"])
        self.lagrangian = float(state["lagrangian"])
        self._bpp = float(state["bpp"])
        self.curve = list(state["curve"])
        for book in self._books():
            book.rebuild_sums()

    def save(self, folder: Path) -> None:
        """Write the checkpoint and the validation curve."""
        save_checkpoint(folder, self.network, self.optimiser, self.state())
        write_json(folder / "curve.json", self.curve)

    def state(self) -> dict[str, Any]:
        """Where the training stands, as JSON can hold it."""
        return {
            "step": self.step,
            "seconds": round(self.seconds, 1),
            "lagrangian": self.lagrangian,
            "bpp": self._bpp,
            "seed": self.seed,
            "shape": asdict(self.network.shape),
            "recipe": asdict(self.recipe),
            "crops": asdict(self.source.plan),
            "curve": self.curve,
        }

    def advance(self, done: float) -> float:
        """Take one step at the finished share ``done`` in 0 .. 1; return its PSNR in dB."""
        began = time.perf_counter()
        recipe = self.recipe
        rate = recipe.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min(done, 1))))
        rate *= min(1.0, (self.step + 1) / 200)
        for group, slot in zip(self._groups, self.optimiser.param_groups, strict=True):
            moves = done >= recipe.encoder_from or not group.of_encoder
            slot["lr"] = rate * group.factor
            for parameter in group.parameters:
                parameter.requires_grad_(moves)
        network = self.network.train()
        network.low_precision = recipe.low_precision
        pixels = torch.from_numpy(self.source.batch(self.step, recipe.batch)).to(self.device)
        # Every fourth step is at a lower rate, so that one network serves several.
        slack = 1.0 if self.step % 4 else 2.0 ** (2.0 * ((self.step // 4 * 0.618034) % 1.0))
        output = network(pixels, self.lagrangian * slack, self.lagrangian * slack)
        loss, psnr = self._loss(pixels, output)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        self.optimiser.step()
        if slack == 1.0:
            self._steer(output)
        if self.step % 100 == 99 and done < 0.6:
            self._restart(pixels)
        self.step += 1
        self.seconds += time.perf_counter() - began
        return psnr

    def observe(self, cancel: CancelToken) -> str:
        """Validate, and say what was found in a line."""
        point = self.validate()
        return (
            f"step {self.step}: validation {point['psnr_db']:.2f} dB at "
            f"{point['order_0_bpp']:.3f} bits per pixel"
        )

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """Mean PSNR (8 bit, dB) and order-0 bits per pixel over whole validation pictures."""
        network = self.network.eval()
        network.low_precision = False
        decibels, rates = [], []
        for picture in self.validation:
            low, high = float(picture.min()), float(picture.max())
            whole = torch.from_numpy(
                picture[: picture.shape[0] & ~7, : picture.shape[1] & ~7] * 1.0
            )
            pixels = ((whole - low) / max(high - low, 1.0)).float()[None, None].to(self.device)
            output = network(pixels, self.lagrangian, self.lagrangian)
            scale = (high - low) / 255
            error = (output.pixels.clamp(0, 1) - pixels).square().mean().item() * scale**2
            decibels.append(-10 * math.log10(error + 1e-12))
            rates.append(_bits_per_pixel(output))
        point = {
            "step": self.step,
            "minutes": round(self.seconds / 60, 2),
            "psnr_db": round(sum(decibels) / max(len(decibels), 1), 3),
            "order_0_bpp": round(sum(rates) / max(len(rates), 1), 4),
            "lagrangian": round(self.lagrangian, 6),
        }
        self.curve.append(point)
        return point

    def _loss(self, pixels: Tensor, output: PaperOutput) -> tuple[Tensor, float]:
        errors = (output.pixels - pixels).square().mean((1, 2, 3)) * INPUT_GAIN**2
        # The figure that counts is the mean of decibels, so smooth crops weigh more than their
        # error.
        weights = (errors.detach() + 1e-4).rsqrt()
        weights = weights / weights.mean()
        commitment = output.bottom.commitment + 0.25 * output.top.commitment
        # The pixel error cannot see the rate: what the top predicts, the bottom need not say.  The
        # bits of a component grow like half the logarithm of its power over the quantiser's error.
        bottom = output.bottom
        power = bottom.latents.square() / (bottom.commitment.detach() + 1e-4)
        bits = 0.5 * torch.log2(1 + power).sum(1).mean() / 16
        loss = (errors * weights).mean() + self.recipe.commitment * commitment
        loss = loss + self.lagrangian * bits
        mean = errors.mean().item() / INPUT_GAIN**2
        return loss, -10 * math.log10(mean + 1e-12)

    def _steer(self, output: PaperOutput) -> None:
        """Move the Lagrangian so that the mean rate nears the wanted one."""
        self._bpp += 0.02 * (_bits_per_pixel(output) - self._bpp)
        error = math.log(max(self._bpp, 1e-3) / self.recipe.target_bpp)
        self.lagrangian = min(max(self.lagrangian * math.exp(0.01 * error), 1e-5), 10.0)

    @torch.no_grad()
    def _restart(self, pixels: Tensor) -> None:
        network = self.network.eval()
        generator = torch.Generator().manual_seed(self.seed * 1_000_003 + self.step)
        features, top = network.features(pixels)
        codes = network.top_quantiser(top, self.lagrangian).values
        bottom = network.condition(network.decode_top(codes), features)
        for quantiser, latents in (
            (network.top_quantiser, top),
            (network.bottom_quantiser, bottom),
        ):
            for book, part in zip(quantiser.codebooks, quantiser.split(latents), strict=True):
                rows = part.permute(0, 2, 3, 1).reshape(-1, book.dimensions)
                book.restart_unused(rows.float(), 1e-3, generator)

    def _books(self) -> list[Any]:
        return self.network.top_quantiser.codebooks + self.network.bottom_quantiser.codebooks


@dataclass(frozen=True)
class _Group:
    """Parameters that learn at one rate."""

    parameters: list[nn.Parameter]
    factor: float
    of_encoder: bool


def _parameter_groups(network: PaperNetwork, recipe: Recipe) -> list[_Group]:
    encoder = (
        "reduce_1", "reduce_2", "encode_mix", "encode_blocks",
        "top_reduce", "top_mix", "top_encode_blocks", "top_latents",
    )  # fmt: skip
    groups = []
    for of_encoder in (False, True):
        for in_blocks in (True, False):
            chosen = [
                parameter
                for name, parameter in network.named_parameters()
                if (name.split(".")[0] in encoder) == of_encoder and ("blocks" in name) == in_blocks
            ]
            factor = 1.0 if in_blocks else recipe.transform_factor
            factor *= recipe.encoder_factor if of_encoder else 1.0
            groups.append(_Group(chosen, factor, of_encoder))
    return groups


def _bits_per_pixel(output: PaperOutput) -> float:
    return output.top.bits.item() / 64 + output.bottom.bits.item() / 16
