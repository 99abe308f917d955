package droplets_test

import (
	"encoding/json"
	"net/http"
	"testing"
	"time"

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

type (
	// nesting has its embedding struct in fields of every kind.
	nesting struct {
		Value     embedding             `json:"value"`
		Pointer   *embedding            `json:"pointer,omitempty"`
		Pointers  **embedding           `json:"pointers,omitempty"`
		List      []embedding           `json:"list,omitempty"`
		Array     [1]embedding          `json:"array"`
		Map       map[string]*embedding `json:"map,omitempty"`
		Any       any                   `json:"any,omitempty"`
		Deep      *nesting              `json:"deep,omitempty"`
		Hidden    embedding             `json:"-"`
		unsent    embedding
		CreatedAt time.Time `json:"created_at,omitzero"`
	}
	// promoting has the fields of nesting as its own.
	promoting struct{ nesting }
	// opaque encodes itself, whatever its fields are.
	opaque struct{ Value embedding }
	// opaquePointer encodes itself if it is addressable.
	opaquePointer struct{ Value embedding }
	// chain and list contain themselves, and no request.
	chain struct{ Next *chain }
	list  []list
	// encodingPointer embeds a request and encodes itself if it is addressable.
	encodingPointer struct {
		*droplets.DropletMultiCreateRequest
		Key string
	}
	// createAlias is not exported, and neither is the field that embeds it.
	createAlias     = droplets.DropletCreateRequest
	embeddingUnseen struct {
		createAlias
		Key string
	}
	// opaqueMap encodes itself and is no struct.
	opaqueMap map[string]embedding
	// embeddingNil embeds a pointer in the right way, whether it is nil or not.
	embeddingNil struct {
		*droplets.DropletMultiCreateRequest
		Key string
	}
	// embeddingNilDeeper has the pointer one level deeper.
	embeddingNilDeeper struct {
		*embedding
		Note string
	}
)

func (opaque) MarshalJSON() ([]byte, error) { return []byte(`{"x":1}`), nil }

func (*opaquePointer) MarshalJSON() ([]byte, error) { return []byte(`{"x":1}`), nil }

func (*encodingPointer) MarshalJSON() ([]byte, error) { return []byte(`{"x":1}`), nil }

func (opaqueMap) MarshalJSON() ([]byte, error) { return []byte(`{"x":1}`), nil }

func (e embeddingNil) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]string{"key": e.Key})
}

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

// TestNestedEmbeddingLosesNoField: encoding/json drops the fields at any depth of a body.
func TestNestedEmbeddingLosesNoField(t *testing.T) {
	t.Parallel()
	lost, kept := embedding{createRequest(), "rack"}, embedding{createRequest(), ""}
	pointer := &lost
	none := (*droplets.DropletMultiCreateRequest)(nil)
	both := []embedding{kept, lost}
	a, c := newAPI(t, sequence(respond(201, actionBody(7, "in-progress"))))
	for name, body := range map[string]any{
		"a pointer to a pointer":          &pointer,
		"a slice":                         []embedding{kept, lost},
		"a part of a slice and the slice": []any{both[:1], both},
		"a slice of pointers":             []*embedding{nil, &lost},
		"an array":                        [2]embedding{kept, lost},
		"a map":                           map[string]embedding{"a": kept, "b": lost},
		"a map of any":                    map[string]any{"a": 1, "b": []any{"x", nil, map[int]any{2: &pointer}}},
		"a field":                         nesting{Value: lost},
		"a field of a pointer":            &nesting{Pointer: &lost},
		"a field that is two pointers":    nesting{Pointers: &pointer},
		"a field that is a list":          nesting{List: []embedding{lost}},
		"a field that is an array":        nesting{Array: [1]embedding{lost}},
		"a field that is a map":           nesting{Map: map[string]*embedding{"x": &lost}},
		"a field that is any":             nesting{Any: lost},
		"a field of a recursive type":     nesting{Deep: &nesting{Deep: &nesting{Pointer: &lost}}},
		"a promoted field":                promoting{nesting: nesting{Pointer: &lost}},
		"a struct of the package":         droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"a": lost}},
		"another embedded request":        []any{embeddingAction{droplets.SnapshotRequest{}, true}},
		"a field of an opaque pointer":    opaquePointer{lost},
		"an embedded nil pointer":         embeddingPointer{none, "rack"},
		"a pointer to one":                &embeddingPointer{none, ""},
		"an embedded nil pointer deeper":  embeddingNilDeeper{nil, "note"},
		"a nested nil pointer":            map[string]any{"a": []any{&embeddingPointer{none, ""}}},
	} {
		_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", body)
		require.ErrorIs(t, err, droplets.ErrInvalidArgument, name)
		requireInvalid(t, err, "body")
		require.ErrorContains(t, err, "must not embed", name)
		requireInvalid(t, second(c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField("a", body))), "body")
		custom := droplets.CustomActionRequest{Type: "x", Attributes: map[string]any{"a": body}}
		requireInvalid(t, second(c.DropletActions.Initiate(t.Context(), 42, custom)), "Attributes")
		requireInvalid(t, second(c.DropletActions.InitiateByTag(t.Context(), "web", custom)), "Attributes")
	}
	assert.Zero(t, a.count())
	cycle := map[string]any{}
	cycle["a"], cycle["b"] = cycle, []any{cycle, cycle}
	_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", cycle)
	requireInvalid(t, err, "body")
	require.ErrorContains(t, err, "cycle")

	for name, body := range map[string]any{
		"nothing to lose":             nesting{Value: kept, List: []embedding{kept}, Any: kept},
		"not encoded":                 nesting{Hidden: lost, unsent: lost},
		"encodes itself":              []any{encodingItself{createRequest(), "rack"}, opaque{lost}, &opaquePointer{lost}, opaqueMap{"a": lost}},
		"encodes itself, nested":      map[string]any{"a": []opaque{{lost}}, "b": []*opaquePointer{{lost}}, "c": []opaquePointer{{lost}}},
		"encodes itself, as nil":      embeddingNil{nil, "rack"},
		"recursive types":             []any{&chain{&chain{}}, list{list{}, list{list{}}}},
		"encodes itself as a pointer": []any{&encodingPointer{nil, "rack"}, &encodingPointer{&droplets.DropletMultiCreateRequest{}, "rack"}, encodingPointer{}},
		"not exported":                embeddingUnseen{createRequest(), ""},
		"a time":                      nesting{CreatedAt: time.Now()},
		"requests":                    []any{createRequest(), &droplets.SnapshotRequest{Name: "x"}, droplets.CustomActionRequest{Type: "x"}},
	} {
		_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", body)
		require.NoError(t, err, name)
	}
}

// TestNewRequestRejectsNull: null is no body of the API, and most often a pointer that was not set.
func TestNewRequestRejectsNull(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, "{}")))
	var pointer *droplets.DropletCreateRequest
	for name, body := range map[string]any{
		"a nil pointer": pointer, "a pointer to one": &pointer, "a nil map": map[string]any(nil), "a nil slice": []string(nil), "JSON": json.RawMessage(" null\n"),
	} {
		_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", body)
		require.ErrorIs(t, err, droplets.ErrInvalidArgument, name)
		requireInvalid(t, err, "body")
		require.ErrorContains(t, err, "null", name)
	}
	for name, body := range map[string]any{"no body": nil, "an empty map": map[string]any{}, "an empty list": []string{}, "a text": "null"} {
		_, err := c.NewRequest(t.Context(), http.MethodPost, "v2/droplets", body)
		require.NoError(t, err, name)
	}
}
