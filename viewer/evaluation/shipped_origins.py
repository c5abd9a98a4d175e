"""What the shipped weights were trained on, as their cards (`models/*/CARD.md`) say."""

from __future__ import annotations

from viewer.codecs import registry

_CHEST, _LUNGS = "chest/train", "lungs/train"
_ORIGINS = {
    "vqvae2": f"{_CHEST}, {_LUNGS}",
    # The sampler alone is learned; JPEG 2000 codes what it sampled.
    "deformed": _LUNGS,
    "deformed-vqvae2": f"{_CHEST}, {_LUNGS}",
}


def shipped_origins() -> dict[str, str]:
    """Return learned codec -> the data its shipped weights come from."""
    learned = [name for name in registry.names() if registry.get(name).info.learned]
    return {name: _ORIGINS.get(name, _CHEST) for name in learned}
