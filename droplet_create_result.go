package droplets

import "github.com/droplets-go/droplets/internal/jsonread"

// DropletCreateResult is the result of a create.
type DropletCreateResult struct {
	// Droplet is the new Droplet. It has the status "new" and no addresses yet.
	Droplet *Droplet
	// Actions has a link to the create action. To wait for the action, pass its ID to [DropletActionsService.WaitForAction].
	Actions []ActionLink
}

// DropletMultiCreateResult is the result of a create of several Droplets.
type DropletMultiCreateResult struct {
	// Droplets are the new Droplets. They have the status "new" and no addresses yet.
	Droplets []Droplet
	// Actions has a link to the create action of each Droplet.
	Actions []ActionLink
}

// PendingActions returns the create action as an argument for [DropletActionsService.WaitForActions], with the status
// "in-progress". It sends no request.
func (r *DropletCreateResult) PendingActions() []Action {
	if r.Droplet == nil {
		return pendingActions(nil, r.Actions)
	}
	return pendingActions([]Droplet{*r.Droplet}, r.Actions)
}

// PendingActions returns the create actions as arguments for [DropletActionsService.WaitForActions], with the status
// "in-progress". It sends no request.
func (r *DropletMultiCreateResult) PendingActions() []Action {
	return pendingActions(r.Droplets, r.Actions)
}

// pendingActions returns the create actions with the IDs of their Droplets. The first action belongs to the first Droplet, and
// so on: the API lists both in the order of the names. Actions without a Droplet have the ResourceID 0.
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

// createAction returns a create action with the state before the first poll.
func createAction(id, dropletID int64) Action {
	return Action{ID: id, Status: ActionStatusInProgress, Type: ActionTypeCreate, ResourceID: dropletID, ResourceType: resourceTypeDroplet}
}

// ActionLink is a link to an action.
type ActionLink struct {
	// ID is the ID of the action.
	ID int64 `json:"id"`
	// Rel is the type of the action, such as "create".
	Rel string `json:"rel"`
	// HREF is the action's URL. The client never follows it.
	HREF string `json:"href"`
}

func (v *ActionLink) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &v.ID)
	jsonread.Text(r, "rel", &v.Rel)
	jsonread.Text(r, "href", &v.HREF)
}

// actionLinks are the links in the response to a create.
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
