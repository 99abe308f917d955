package droplets

// ImagesService lists, reads, imports, changes and deletes images, and initiates actions on them. It is safe for concurrent use.
type ImagesService service
