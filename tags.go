package droplets

// TagsService manages tags and the resources that have them. It is safe for concurrent use.
type TagsService service
