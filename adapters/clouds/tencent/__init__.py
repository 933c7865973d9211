"""Tencent Cloud International: one reseller account behind `core.ports.Cloud`.

Front door: `config` has the settings and capabilities and is light; `cloud.open_cloud` and `simulator` are loaded by
the registry when an account is opened, because they bring the SDK and a server.
"""
