"""The HTTP API: small handlers, one table of routes, and from that table the router and the OpenAPI document."""
