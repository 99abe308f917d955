package droplets

// Progress is the state of an operation after a poll.
type Progress struct {
	// DropletID is the ID of the Droplet.
	DropletID int64
	// Step is the step that the method waits for. It is the type of an action, such as "power_off" or "resize", while the
	// action runs and while a helper waits for the status of the Droplet afterwards. It is "wait" in WaitFor, and "destroy"
	// in WaitForDeleted and WaitForDestroy.
	Step string
	// Action is the action as this poll returned it, or as the API has accepted it; nil if the poll read something else.
	Action *Action
	// Droplet is the Droplet as this poll returned it; nil if the poll read something else.
	Droplet *Droplet
}

const (
	stepWait    = "wait"
	stepDestroy = "destroy"
)

// OnProgress calls f after each poll that succeeded. [DropletsService.ShutdownGracefully], [DropletsService.ResizeAndRestart]
// and [DropletsService.SnapshotAndWait] also call f after the API has accepted an action. f is called from the goroutine of
// the caller, between requests. Only methods that wait accept this option; others reject it with an [*ArgumentError].
func OnProgress(f func(Progress)) CallOption { return func(o *callOptions) { o.progress = f } }
