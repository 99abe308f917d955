package droplets_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

type (
	embedding struct {
		droplets.DropletCreateRequest
		AntiAffinityKey string `json:"anti_affinity_key,omitempty"`
	}
	embeddingPointer struct {
		*droplets.DropletMultiCreateRequest
		AntiAffinityKey string `json:"anti_affinity_key,omitempty"`
	}
	embeddingDeeper struct {
		embedding
		Note string
	}
	embeddingAction struct {
		droplets.SnapshotRequest
		Encrypted bool `json:"encrypted"`
	}
	// encodingItself has a MarshalJSON that encodes its own field too.
	encodingItself struct {
		droplets.DropletCreateRequest
		AntiAffinityKey string
	}
	// notEncoded has further fields, which encoding/json never encodes.
	notEncoded struct {
		droplets.DropletCreateRequest
		Retries int `json:"-"`
		note    string
	}
	// namedField has the request in a field with a name.
	namedField struct {
		Request droplets.DropletCreateRequest `json:"request"`
		Note    string                        `json:"note"`
	}
)

func (e encodingItself) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]any{"name": e.Name, "anti_affinity_key": e.AntiAffinityKey})
}

// TestEmbeddingLosesNoField: Go promotes the MarshalJSON of an embedded request, which drops the other fields.
func TestEmbeddingLosesNoField(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(200, "{}")))
	multi := multiCreate("a")
	for name, body := range map[string]any{
		"embedded":         embedding{createRequest(), "rack"},
		"pointer":          &embedding{createRequest(), "rack"},
		"embedded pointer": embeddingPointer{&multi, "rack"},
		"deeper":           embeddingDeeper{embedding{createRequest(), ""}, "note"},
		"action":           embeddingAction{droplets.SnapshotRequest{}, true},
	} {
		_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", body)
		requireInvalid(t, err, "body")
		require.ErrorContains(t, err, "WithBodyField", name)
	}
	for name, body := range map[string]any{
		"nothing to lose": embedding{createRequest(), ""},
		"encodes itself":  encodingItself{createRequest(), "rack"},
		"not encoded":     notEncoded{createRequest(), 3, "note"},
		"named field":     namedField{createRequest(), "note"},
		"the request":     createRequest(),
		"a map":           map[string]string{"a": "b"},
	} {
		_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", body)
		require.NoError(t, err, name)
	}

	_, err := c.DropletActions.Initiate(t.Context(), 42, embeddingAction{droplets.SnapshotRequest{}, true})
	requireInvalid(t, err, "req")
	require.ErrorContains(t, err, "CustomActionRequest")
	_, err = c.DropletActions.InitiateByTag(t.Context(), "web", &embeddingAction{})
	requireInvalid(t, err, "req")
	assert.Zero(t, a.count())

	_, c = newAPI(t, sequence(respond(201, actionBody(7, "in-progress"))))
	_, err = c.DropletActions.Initiate(t.Context(), 42, &droplets.SnapshotRequest{Name: "x"})
	require.NoError(t, err, "a pointer to a request is one")

	var back embedding
	require.Error(t, json.Unmarshal([]byte(`{"name":"a","size":"s","image":1,"anti_affinity_key":"rack"}`), &back))
}
