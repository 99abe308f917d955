package droplets

// Progress is one look of a recipe at what it is doing.
type Progress struct {
	// DropletID is the Droplet.
	DropletID int64
	// Step is what is being done, such as "power_off" or "resize": the type of the action where the step is one.
	Step string
	// Action is the step's action as last seen; nil once the action has ended and the Droplet's own state is waited for.
	Action *Action
}

// OnProgress tells f of each look of a recipe: [DropletsService.ShutdownGracefully], [DropletsService.ResizeAndRestart],
// [DropletsService.SnapshotAndWait]. f is called by the caller's own goroutine, between requests.
func OnProgress(f func(Progress)) CallOption { return func(o *callOptions) { o.progress = f } }
