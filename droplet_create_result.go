package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// DropletCreateResult is what the API answers to a create.
type DropletCreateResult struct {
	// Droplet is the new Droplet, not running yet.
	Droplet *Droplet
	// Actions link to the create action. [DropletActionsService.WaitForAction] takes its id.
	Actions []ActionLink
}

// DropletMultiCreateResult is what the API answers to a create of several Droplets.
type DropletMultiCreateResult struct {
	// Droplets are the new Droplets, not running yet.
	Droplets []Droplet
	// Actions link to the create actions, one for each Droplet.
	Actions []ActionLink
}

// PendingActions are the create actions in the form that [DropletActionsService.WaitForActions] takes.
func (r *DropletCreateResult) PendingActions() []Action {
	if r.Droplet == nil {
		return pendingActions(nil, r.Actions)
	}
	return pendingActions([]Droplet{*r.Droplet}, r.Actions)
}

// PendingActions are the create actions in the form that [DropletActionsService.WaitForActions] takes.
func (r *DropletMultiCreateResult) PendingActions() []Action {
	return pendingActions(r.Droplets, r.Actions)
}

// pendingActions gives each create action the Droplet at its place: the API lists both in the order of the names.
func pendingActions(created []Droplet, links []ActionLink) []Action {
	var actions []Action
	for _, link := range links {
		if link.Rel != "" && link.Rel != string(ActionTypeCreate) {
			continue
		}
		var dropletID int64
		if len(actions) < len(created) {
			dropletID = created[len(actions)].ID
		}
		actions = append(actions, createAction(link.ID, dropletID))
	}
	return actions
}

// createAction returns a create action as it is before the first poll.
func createAction(id, dropletID int64) Action {
	return Action{ID: id, Status: ActionStatusInProgress, Type: ActionTypeCreate, ResourceID: dropletID, ResourceType: resourceTypeDroplet}
}

// ActionLink points at an action.
type ActionLink struct {
	// ID is the action's id.
	ID int64 `json:"id"`
	// Rel says what the action does, such as "create".
	Rel string `json:"rel"`
	// HREF is the action's URL. The client never follows it.
	HREF string `json:"href"`
}

func (v *ActionLink) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &v.ID)
	jsonread.Text(r, "rel", &v.Rel)
	jsonread.Text(r, "href", &v.HREF)
}

type actionLinks struct {
	Actions []ActionLink `json:"actions"`
}

func (v *actionLinks) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "actions", &v.Actions, (*ActionLink).fields)
}

type createRoot struct {
	Droplet *Droplet    `json:"droplet"`
	Links   actionLinks `json:"links"`
}

func (v *createRoot) fields(r *jsonread.Reader) {
	jsonread.Pointer(r, "droplet", &v.Droplet, (*Droplet).fields)
	jsonread.Object(r, "links", &v.Links, (*actionLinks).fields)
}

func (v *createRoot) missing() string {
	return (&dropletRoot{Droplet: v.Droplet}).missing()
}

type multiCreateRoot struct {
	Droplets []Droplet   `json:"droplets"`
	Links    actionLinks `json:"links"`
}

func (v *multiCreateRoot) fields(r *jsonread.Reader) {
	jsonread.Objects(r, "droplets", &v.Droplets, (*Droplet).fields)
	jsonread.Object(r, "links", &v.Links, (*actionLinks).fields)
}

func (v *multiCreateRoot) missing() string {
	for i := range v.Droplets {
		if v.Droplets[i].ID < 1 {
			return "droplets.id"
		}
	}
	return missingIf(len(v.Droplets) == 0, "droplets")
}
