"""How every study of a run is coded."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field

from viewer.archive.keep import WITH_DECODER, Keep
from viewer.archive.many.gate import Gate
from viewer.codecs.base import Options, Target


@dataclass(frozen=True, slots=True)
class Settings:
    """How every study of a run is coded.

    Parameters
    ----------
    codec : str
    target : Target
    gate : Gate
        What every image has to reach.
    keep : Keep
    options : Options
    """

    codec: str
    target: Target
    gate: Gate = field(default_factory=Gate)
    keep: Keep = WITH_DECODER
    options: Options = Options()

    def fingerprint(self) -> str:
        """Return what differs where another coding is asked for; the device is none of it."""
        asked = [
            self.codec,
            asdict(self.target),
            asdict(self.gate),
            asdict(self.keep),
            self.options.model,
        ]
        return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()[:16]
