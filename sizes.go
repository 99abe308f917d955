package droplets

// SizesService lists the sizes that Droplets can have, with their prices. It is safe for concurrent use.
type SizesService service
