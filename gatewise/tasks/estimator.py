"""``Estimator``: what every estimator of ``gatewise.tasks`` shares, whatever it learns.

A subclass states its kind and the record that a fit makes, and says how that record becomes a report and
files, and files a record again. Here stand the rest of its life: the parameters after scikit-learn's
contract, the check that it is fitted, the attributes of a fit, saving and loading.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError

from gatewise.errors import InputError
from gatewise.tasks import model_dir

F = TypeVar("F")


class Estimator(BaseEstimator, Generic[F]):  # type: ignore[misc]
    """A model with parameters, that ``fit`` turns into one frozen record of the type ``F``, ``fitted_``.

    The constructor of a subclass stores its arguments under their names and does nothing else; ``fit``
    checks them. So ``get_params``, ``set_params``, ``clone`` and ``repr`` are scikit-learn's. Every field
    of the record can be read as an attribute of the estimator, with an underscore at its end.

    Attributes:
        kind: what ``config.json`` of a saved model calls it; the table in ``gatewise.tasks`` has a row for it.
        record: the class of ``fitted_``, a frozen dataclass.
        renamed: fields whose attribute has another name: public name -> field.
    """

    kind: ClassVar[str]
    record: ClassVar[type]
    renamed: ClassVar[Mapping[str, str]] = {}
    fitted_: F

    # --- what a subclass says -------------------------------------------------------------------

    @abstractmethod
    def report(self, command: str = "") -> str:
        """The report of the fit as one HTML page. Raises InputError for a model that was loaded."""

    @abstractmethod
    def _files(self, report: bool) -> dict[str, bytes]:
        """The files of the model by their names in ``model_dir``, without the report.

        ``report`` says whether there will be one beside them.
        """

    @classmethod
    @abstractmethod
    def _restored(cls, folder: Path) -> Self:
        """The estimator in a folder. Raises InputError if it is damaged, changed or too new."""

    # --- saving and loading ---------------------------------------------------------------------

    def save(
        self,
        folder: str | Path,
        *,
        force: bool = False,
        report: str | None = None,
        resume: bool = False,
        extra: Mapping[str, bytes] | None = None,
    ) -> None:
        """Write the model to a folder; ``gatewise.tasks.model_dir`` says what it then holds.

        Args:
            folder: it is made if it does not exist.
            force: overwrite an existing model.
            report: an HTML page to write beside the model, such as ``report()`` gives.
            resume: the folder may hold the run of the fit that has just ended; it is removed.
            extra: more files of ``model_dir`` that are written as they are, such as an older report.

        Raises:
            InputError: if the folder exists and ``force`` is false, if it holds something other than a
                model, or if it cannot be written. The old model is then intact.
            NotFittedError: before ``fit``.
        """
        self._fitted()
        folder = Path(folder)
        model_dir.check_free(folder, force, resume)
        files = dict(extra or {})
        if report is not None:
            files[model_dir.REPORT] = report.encode()
        model_dir.write(folder, files | self._files(model_dir.REPORT in files))

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read a model that ``save`` has written. ``gatewise.tasks.load`` reads a model of any kind.

        Raises InputError if it is missing, damaged, changed, of another kind or from a newer version.
        """
        folder = Path(folder)
        try:
            return cls._restored(folder)
        except InputError:
            kind = model_dir.kind_of(folder)
            if kind in (None, cls.kind):
                raise
        raise InputError(
            f"{folder} holds a model of the kind {kind!r:.80}, not {cls.kind!r}: read it with "
            "gatewise.tasks.load"
        )

    # --- the fit --------------------------------------------------------------------------------

    def _fitted(self) -> F:
        """The record of the fit. Raises NotFittedError before ``fit``."""
        if not self.__sklearn_is_fitted__():
            raise NotFittedError(f"this {type(self).__name__} is not fitted yet: call fit first")
        return self.fitted_

    def __sklearn_is_fitted__(self) -> bool:
        return "fitted_" in self.__dict__

    @classmethod
    def _attributes(cls) -> dict[str, str]:
        """Names of the attributes of a fitted estimator -> fields of the record."""
        return {f"{f.name}_": f.name for f in fields(cls.record)} | dict(cls.renamed)

    def __getattr__(self, name: str) -> Any:
        field = self._attributes().get(name) if self.__sklearn_is_fitted__() else None
        if field is None:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        return getattr(self.fitted_, field)

    def __dir__(self) -> list[str]:
        attributes = self._attributes() if self.__sklearn_is_fitted__() else ()
        return [*super().__dir__(), *attributes]
