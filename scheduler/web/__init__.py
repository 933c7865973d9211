"""The daemon's page, its health and its metrics, over HTTP. Sees values of core and reports only, changes nothing."""
