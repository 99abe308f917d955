package jsonread_test

import (
	"encoding/json"
	"fmt"
	"testing"
)

// BenchmarkDecode decodes a list of 200 objects with the reader and with encoding/json.
func BenchmarkDecode(b *testing.B) {
	d := document{ID: 1, Name: "page", Tags: []string{"a", "b"}}
	for n := range int64(200) {
		d.Items = append(d.Items, item{ID: 500000000 + n, Name: fmt.Sprintf("web-%d", n), Tags: []string{"env:prod", "web"}, Part: &part{Size: 25}})
	}
	body, err := json.Marshal(d)
	if err != nil {
		b.Fatal(err)
	}
	for name, decode := range map[string]func() bool{
		"reader":        func() bool { _, ok := decodeBytes(body); return ok },
		"encoding_json": func() bool { return json.Unmarshal(body, new(document)) == nil },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(body)))
			for b.Loop() {
				if !decode() {
					b.Fatal("the document was not decoded")
				}
			}
		})
	}
}
