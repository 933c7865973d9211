"""Huawei Cloud (International, reseller model): budgets of a partner's customers.

The front door: `config` holds the facts and settings, `cloud.open_cloud` the adapter, `simulator.SimulatedHuawei` the
simulated vendor. Importing this package loads none of them, and no SDK.
"""
