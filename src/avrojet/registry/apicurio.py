"""Apicurio Registry through its own interfaces; it has Confluent's, too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias, Unpack

from avrojet.registry.apicurio_api import ApicurioApi, ApicurioV2Api, ApicurioV3Api, UseId
from avrojet.registry.exchange import Exchanger
from avrojet.registry.http import AsyncHttpRegistry, HttpOptions, HttpRegistry
from avrojet.registry.kept import Answers

ApicurioVersion: TypeAlias = Literal[2, 3]


class _Apicurio:
    """Makes the requested interface.

    :raises ValueError: if there is no such interface.
    """

    def __init__(self, version: ApicurioVersion, group: str, use_id: UseId) -> None:
        if version not in (2, 3):
            raise ValueError(f"Apicurio has an interface of version 2 and one of version 3, not {version!r}")
        if use_id not in ("globalId", "contentId"):
            raise ValueError(f"use_id must be 'globalId' or 'contentId', not {use_id!r}")
        self.suffix = f"/apis/registry/v{version}"
        self._kind = ApicurioV2Api if version == 2 else ApicurioV3Api
        self._group = group
        self._use_id: UseId = use_id

    def __call__(self, exchanger: Exchanger, answers: Answers) -> ApicurioApi:
        return self._kind(exchanger, answers, self._group, self._use_id)


class ApicurioRegistry(HttpRegistry):
    """Apicurio Registry through its own interface. Threads may share it; it needs httpx (the extra
    ``registry``).

    A subject is an artifact of the group, or of another one: ``:.group:artifact``. Versions must be numbers,
    as Apicurio makes them. (To use its Confluent interface, connect a :class:`ConfluentRegistry` to
    ``/apis/ccompat/v7``.)

    :param url: as for :class:`ConfluentRegistry`; if it has no ``/apis/``, ``/apis/registry/v3`` is added.
    :param version: of the interface: 2 or 3.
    :param group: the group of artifacts.
    :param use_id: which number messages carry: ``"globalId"``, of a version of an artifact, or
        ``"contentId"``, of a text.
    :param options: those of :class:`ConfluentRegistry`.
    """

    def __init__(
        self,
        url: str | Iterable[str],
        *,
        version: ApicurioVersion = 3,
        group: str = "default",
        use_id: UseId = "globalId",
        **options: Unpack[HttpOptions],
    ) -> None:
        made = _Apicurio(version, group, use_id)
        super().__init__(url, made, suffix=made.suffix, **options)
        self.use_id = use_id


class AsyncApicurioRegistry(AsyncHttpRegistry):
    """The same for asyncio: see :class:`ApicurioRegistry`, whose options it has."""

    def __init__(
        self,
        url: str | Iterable[str],
        *,
        version: ApicurioVersion = 3,
        group: str = "default",
        use_id: UseId = "globalId",
        **options: Unpack[HttpOptions],
    ) -> None:
        made = _Apicurio(version, group, use_id)
        super().__init__(url, made, suffix=made.suffix, **options)
        self.use_id = use_id
