package droplets

// Progress is the state of an operation after a poll.
type Progress struct {
	// DropletID is the ID of the Droplet.
	DropletID int64
	// Step is what is waited for. While an action runs it is the type of the action, such as "power_off" or "resize". It
	// stays so while a helper waits for the Droplet's own state after the action. In WaitFor it is "wait", in
	// WaitForDeleted and WaitForDestroy "destroy".
	Step string
	// Action is the step's action as last seen; nil while the Droplet's own state is waited for.
	Action *Action
	// Droplet is the Droplet as this poll returned it; nil if the poll read something else.
	Droplet *Droplet
}

const (
	stepWait    = "wait"
	stepDestroy = "destroy"
)

// OnProgress calls f after each poll to which the API responded, and after the start of each action. f is called from the
// goroutine of the caller, between requests. Only methods that wait accept this option; others reject it with an
// [*ArgumentError].
func OnProgress(f func(Progress)) CallOption { return func(o *callOptions) { o.progress = f } }
