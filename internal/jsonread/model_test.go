package jsonread_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/jsonread"
)

// document has a field of every kind that the package reads.
type document struct {
	ID        int64      `json:"id"`
	Count     int        `json:"count"`
	Name      string     `json:"name"`
	Color     color      `json:"color"`
	Ratio     float64    `json:"ratio"`
	Enabled   bool       `json:"enabled"`
	CreatedAt time.Time  `json:"created_at"`
	EndedAt   *time.Time `json:"ended_at"`
	Tags      []string   `json:"tags"`
	Colors    []color    `json:"colors"`
	IDs       []int64    `json:"ids"`
	Main      item       `json:"main"`
	Owner     *item      `json:"owner"`
	Items     []item     `json:"items"`
}

type color string

type item struct {
	ID   int64    `json:"id"`
	Name string   `json:"name"`
	Tags []string `json:"tags"`
	Part *part    `json:"part"`
}

type part struct {
	Size int `json:"size"`
}

func (d *document) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &d.ID)
	jsonread.Integer(r, "count", &d.Count)
	jsonread.Text(r, "name", &d.Name)
	jsonread.Text(r, "color", &d.Color)
	jsonread.Float(r, "ratio", &d.Ratio)
	jsonread.Bool(r, "enabled", &d.Enabled)
	jsonread.Time(r, "created_at", &d.CreatedAt)
	jsonread.OptionalTime(r, "ended_at", &d.EndedAt)
	jsonread.Texts(r, "tags", &d.Tags)
	jsonread.Texts(r, "colors", &d.Colors)
	jsonread.Integers(r, "ids", &d.IDs)
	jsonread.Object(r, "main", &d.Main, (*item).fields)
	jsonread.Pointer(r, "owner", &d.Owner, (*item).fields)
	jsonread.Objects(r, "items", &d.Items, (*item).fields)
}

func (i *item) fields(r *jsonread.Reader) {
	jsonread.Integer(r, "id", &i.ID)
	jsonread.Text(r, "name", &i.Name)
	jsonread.Texts(r, "tags", &i.Tags)
	jsonread.Pointer(r, "part", &i.Part, (*part).fields)
}

func (p *part) fields(r *jsonread.Reader) { jsonread.Integer(r, "size", &p.Size) }

// fullDocument has a value for every field, in the order of the fields methods.
const fullDocument = `{"id":9223372036854775807,"count":-3,"name":"web-1","color":"red","ratio":0.25,"enabled":true,
	"created_at":"2026-08-07T12:00:00Z","ended_at":"2026-08-07T14:00:00.5+02:00","tags":["a","b"],"colors":["red","blue"],
	"ids":[1,-2,0],"main":{"id":1,"name":"x","tags":["c"],"part":{"size":4}},"owner":{"id":2,"name":"y","tags":[],"part":null},
	"items":[{"id":3,"name":"z","tags":["d","e","f"],"part":{"size":5}},{"id":4},{"id":5,"tags":["a"]}]}`

// decode decodes body with the reader alone and reports whether the reader accepts it.
func decode(body string) (document, bool) { return decodeBytes([]byte(body)) }

func decodeBytes(body []byte) (document, bool) {
	var d document
	r := jsonread.NewReader(body)
	for r.Next() {
		d.fields(r)
	}
	return d, r.Done()
}

// requireEqualDecoding decodes body with the reader and, if the reader accepts it, compares the result with that of
// encoding/json. It reports whether the reader accepts the document.
func requireEqualDecoding(t *testing.T, body string) bool {
	t.Helper()
	got, ok := decode(body)
	if !ok {
		return false
	}
	var want document
	require.NoError(t, json.Unmarshal([]byte(body), &want), "encoding/json rejects a document that the reader accepts: %q", body)
	require.Equal(t, want, got, "%q", body)
	return true
}
