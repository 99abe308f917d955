package jsonread_test

import (
	"encoding/json"
	"fmt"

	"github.com/droplets-go/droplets/internal/jsonread"
)

type volume struct {
	ID   string `json:"id"`
	Size int    `json:"size_gigabytes"`
}

func (v *volume) fields(r *jsonread.Reader) {
	jsonread.Text(r, "id", &v.ID)
	jsonread.Integer(r, "size_gigabytes", &v.Size)
}

// A type lists its fields in a method. If the reader fails, here because of the upper-case key, the caller uses
// encoding/json.
func Example() {
	for _, body := range []string{`{"id":"v-1","size_gigabytes":100}`, `{"ID":"v-2","size_gigabytes":200}`} {
		var v volume
		r := jsonread.NewReader([]byte(body))
		for r.Next() {
			v.fields(r)
		}
		done := r.Done()
		if !done {
			v = volume{}
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				fmt.Println(err)
				return
			}
		}
		fmt.Println(done, v.ID, v.Size)
	}
	// Output:
	// true v-1 100
	// false v-2 200
}
