package jsonread_test

import "testing"

// FuzzReader compares the reader with encoding/json: any document that the reader accepts must be accepted by
// encoding/json and decode to an equal value.
func FuzzReader(f *testing.F) {
	for _, body := range acceptedDocuments {
		f.Add(body)
	}
	for _, body := range fallbackDocuments {
		f.Add(body)
	}
	f.Fuzz(func(t *testing.T, body string) { requireEqualDecoding(t, body) })
}
