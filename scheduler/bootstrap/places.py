"""Where in the configuration file something stands, for every fault that the composition root tells."""

from pathlib import Path

from adapters.tomlfile import KeyPath, TomlDocument, TomlFault
from scheduler.config import ConfigFaults, Fault

CONFIG_NAME = "config.toml"


def open_document(path: Path, *, named: bool) -> TomlDocument:
    """Read the file; raises ConfigFaults. `named`: a person named it, so another default is no advice."""
    try:
        return TomlDocument(path.read_bytes())
    except FileNotFoundError as error:
        sentence = "there is no such file"
        if not named:
            sentence += f", and no ./{CONFIG_NAME}: name one with -c FILE; config.example.toml shows every key"
        raise ConfigFaults([Fault(file=str(path), sentence=sentence)]) from error
    except OSError as error:
        sentence = f"the file cannot be read: {error.strerror}"
        raise ConfigFaults([Fault(file=str(path), sentence=sentence)]) from error
    except TomlFault as error:
        raise ConfigFaults([Fault(file=str(path), line=error.line, sentence=error.sentence)]) from error


def located(path: Path, document: TomlDocument, place: KeyPath, sentence: str) -> Fault:
    """Put a sentence to the line at which a key stands."""
    where = ".".join(str(step) for step in place if isinstance(step, str))
    return Fault(file=str(path), line=document.line_of(place), where=where, sentence=sentence)
