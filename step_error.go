package droplets

import (
	"fmt"
	"strings"
)

// StepError is the error of a method that sends several requests and has failed at one of its steps.
type StepError struct {
	// Step is the step that failed, such as "power_off" or "resize".
	Step string
	// Droplet is the Droplet as last seen.
	Droplet *Droplet
	// Action is the step's action as last seen, to wait for again with [DropletActionsService.WaitForAction]; nil if the API
	// has not accepted one.
	Action *Action
	// Err is the reason why the step failed.
	Err error

	// observed is a part of the text of the error: when the status of the Droplet was read, and what may have changed it since.
	// It may be empty.
	observed string
}

// Error returns one text with the step, the Droplet, its last seen status and when that was read, the action of the step, and
// the reason why the step failed.
func (e *StepError) Error() string {
	var b strings.Builder
	b.WriteString("droplets: " + e.Step)
	var details []string
	if d := e.Droplet; d != nil {
		fmt.Fprintf(&b, " of Droplet %d", d.ID)
		if d.Name != "" {
			details = append(details, oneLine(d.Name))
		}
		details = append(details, "last seen "+oneLine(string(d.Status))+e.observed)
	}
	if a := e.Action; a != nil {
		details = append(details, fmt.Sprintf("action %d %s", a.ID, oneLine(string(a.Status))))
	}
	if len(details) > 0 {
		b.WriteString(" (" + strings.Join(details, ", ") + ")")
	}
	b.WriteString(" failed")
	if e.Err != nil {
		b.WriteString(": " + withoutPrefix(e.Err))
	}
	return b.String()
}

// Unwrap returns the reason why the step failed.
func (e *StepError) Unwrap() error { return e.Err }
