"""What SREs see: the list of metrics, objectives, alerts with their tests, dashboards. All files beside are written from here."""
