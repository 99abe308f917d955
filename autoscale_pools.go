package droplets

// AutoscalePoolsService manages pools of Droplets that the API creates and deletes by itself. It is safe for concurrent use.
type AutoscalePoolsService service
