"""Which models there are: those shipped, those in the user's folder, and one named by its path.

The user's folder is ``$RADVIEW_MODELS``, else ``models`` in the platform's folder for a program's
data. Weights lie in it or in folders of it, a card (``CARD.md`` or a file of the weights' name
ending in ``.md``) beside them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

from viewer.codecs import registry
from viewer.codecs.model_file import CARD, SUFFIX, ModelFile, card_path, card_text, read_model_file
from viewer.errors import CodecUnavailableError, ModelError, RadviewError

FOLDER_VARIABLE = "RADVIEW_MODELS"
_FEWEST_DIGITS = 8
_MOST_FILES = 1000

_lock = Lock()
_named: dict[str, ModelFile] = {}


def user_folder() -> Path:
    """Return the folder in which the user's models are kept; it need not exist."""
    chosen = os.environ.get(FOLDER_VARIABLE, "")
    if chosen:
        return Path(chosen).expanduser()
    from platformdirs import user_data_path

    return user_data_path("radview", appauthor=False) / "models"


def models_of(codec: str) -> tuple[ModelFile, ...]:
    """Return the models of a codec: shipped ones, the one used without a choice first, then the
    user's by name. Files in the folder that are no models are passed over.
    """
    shipped = _shipped(codec)
    known = {model.sha256 for model in shipped}
    own: dict[str, ModelFile] = {}
    for model in (*_in_folder(), *_named_files()):
        if model.codec == codec and model.sha256 not in known:
            own.setdefault(model.sha256, model)
    return (*shipped, *sorted(own.values(), key=lambda model: (model.name, model.sha256)))


def find(codec: str, digits: str) -> Path | None:
    """Return the weights file whose SHA-256 begins with hexadecimal digits, None where none does.

    Shipped models come first, so that the user's folder is not read for them.
    """
    digits = digits.lower()
    if len(digits) < _FEWEST_DIGITS:
        return None
    for models in (_shipped(codec), _named_files(), _in_folder()):
        for model in models:
            if model.codec == codec and model.sha256.startswith(digits):
                return model.path
    return None


def chosen(codec: str, digits: str) -> Path | None:
    """Return the file of the model an encoder was told to use; None where it was told nothing.

    Raises
    ------
    CodecUnavailableError
        When it is not here any more.
    """
    if not digits:
        return None
    path = find(codec, digits)
    if path is None:
        raise CodecUnavailableError(
            f"The {codec} model {digits[:16]} is not in {user_folder()} any more; choose another."
        )
    return path


def use(path: Path, codec: str = "") -> ModelFile:
    """Check a file and let this process code and decode with it where it lies.

    Parameters
    ----------
    codec : str, optional
        The codec it must be for.

    Raises
    ------
    ModelError
        When it is no model, one of another codec, or damaged.
    """
    model = read_model_file(path.absolute())
    if codec and model.codec != codec:
        raise ModelError(f"The model {path} is one of {model.codec}, not of {codec}.")
    try:
        registry.get(model.codec).check_model(model.path)
    except RadviewError as error:
        reason = str(error)
        if path.name not in reason:
            reason = f"{path}: {reason}"
        raise ModelError(reason) from error
    with _lock:
        _named[model.sha256] = model
    return model


def add(path: Path, codec: str = "") -> ModelFile:
    """Check a file and copy it, and the card beside it, into the user's folder.

    Returns
    -------
    ModelFile
        The copy; the one already there when the same model was added or shipped before.

    Raises
    ------
    ModelError
        When it is no model that can be used, or the folder cannot be written.
    """
    model = use(path, codec)
    with _lock:
        _named.pop(model.sha256)  # what is used from here on is the copy
    known = (*_shipped(model.codec), *_in_folder())
    there = next((other for other in known if other.sha256 == model.sha256), None)
    if there is not None:
        return there
    folder = user_folder() / f"{model.codec}-{model.short_hash}"
    target = folder / f"{model.codec}-{model.short_hash}{SUFFIX}"
    beside = target.with_name(f".{target.name}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        card = card_path(model)
        if card is not None:
            shutil.copyfile(card, folder / CARD)
        shutil.copyfile(model.path, beside)
        os.replace(beside, target)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ModelError(f"The model cannot be kept in {folder}: {error.strerror}.") from error
    copy = read_model_file(target)
    if copy.sha256 != model.sha256:
        target.unlink(missing_ok=True)
        raise ModelError(f"The model {path} changed while it was copied; add it again.")
    return copy


def card(codec: str, digits: str) -> str:
    """Return the card of a model, "" for one that is not here."""
    models = models_of(codec)
    if not digits:
        return card_text(models[0]) if models else ""
    return next((card_text(m) for m in models if m.sha256.startswith(digits.lower())), "")


def choice(codec: str, digits: str) -> str:
    """Return how a choice of this model is written: "" for what is used without one."""
    shipped = _shipped(codec)
    if shipped and shipped[0].sha256.startswith(digits):
        return ""
    path = find(codec, digits)
    return read_model_file(path).sha256 if path is not None else ""


def _shipped(codec: str) -> tuple[ModelFile, ...]:
    models = []
    for path in registry.get(codec).shipped_models():
        try:
            models.append(read_model_file(path, shipped=True))
        except ModelError:
            continue  # the codec itself says what is wrong with its installation
    return tuple(models)


def _named_files() -> tuple[ModelFile, ...]:
    with _lock:
        return tuple(model for model in _named.values() if model.path.is_file())


def _in_folder() -> Iterator[ModelFile]:
    folder = user_folder()
    try:
        paths = sorted([*folder.glob(f"*{SUFFIX}"), *folder.glob(f"*/*{SUFFIX}")])[:_MOST_FILES]
    except OSError:
        return
    for path in paths:
        try:
            yield read_model_file(path)
        except ModelError:
            continue
