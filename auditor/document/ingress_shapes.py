"""The types of the fields of an Ingress that policies judge."""

from __future__ import annotations

import msgspec


class _IngressPort(msgspec.Struct):
    name: str | None = None
    number: int | None = None


class _IngressService(msgspec.Struct):
    name: str | None = None
    port: _IngressPort | None = None


class _IngressBackend(msgspec.Struct):
    service: _IngressService | None = None


class _IngressPath(msgspec.Struct):
    path: str | None = None
    backend: _IngressBackend | None = None


class _IngressPaths(msgspec.Struct):
    paths: list[_IngressPath] | None = None


class _IngressRule(msgspec.Struct):
    host: str | None = None
    http: _IngressPaths | None = None


class _IngressTLS(msgspec.Struct):
    hosts: list[str | None] | None = None


class IngressSpec(msgspec.Struct):
    """The spec of an Ingress."""

    defaultBackend: _IngressBackend | None = None
    ingressClassName: str | None = None
    rules: list[_IngressRule] | None = None
    tls: list[_IngressTLS] | None = None
