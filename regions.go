package droplets

// RegionsService lists the regions in which Droplets can be created. It is safe for concurrent use.
type RegionsService service
