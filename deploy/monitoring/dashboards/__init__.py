"""Grafana dashboards as code: what each shows is said here, and written as JSON below `deploy/monitoring/grafana`."""
