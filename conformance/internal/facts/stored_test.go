package facts_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestStoredFactsHaveNoProse checks that the stored facts have no descriptions, summaries, titles, tags and extensions. Examples and
// the names of fields may contain such words.
func TestStoredFactsHaveNoProse(t *testing.T) {
	t.Parallel()
	var document map[string]any
	require.NoError(t, json.Unmarshal(stored(t), &document))
	delete(document, "info")
	assert.Empty(t, prose(document, "", false))
	document["paths"].(map[string]any)["/v2/droplets"].(map[string]any)["get"].(map[string]any)["summary"] = "List Droplets"
	assert.Equal(t, []string{"/paths//v2/droplets/get/summary"}, prose(document, "", false), "the check does not work")
}

// prose returns the pointers of members with prose. isNames is true if the keys of v are names that the document chose.
func prose(v any, at string, isNames bool) []string {
	var out []string
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			pointer := at + "/" + key
			if !isNames {
				switch text, _ := member.(string); {
				case key == "example" || key == "examples" || key == "default":
					continue
				case key == "description" && text == "":
					continue
				case key == "description" || key == "summary" || key == "title" || key == "tags" || strings.HasPrefix(key, "x-"):
					out = append(out, pointer)
				}
			}
			names := !isNames && (key == "properties" || key == "headers" || key == "parameters" || key == "schemas" || key == "mapping")
			out = append(out, prose(member, pointer, names)...)
		}
	case []any:
		for _, item := range v {
			out = append(out, prose(item, at, false)...)
		}
	}
	return out
}

func TestStoredFactsAreCompact(t *testing.T) {
	t.Parallel()
	b := stored(t)
	assert.Less(t, len(b), 250_000)
	assert.Less(t, bytes.Count(b, []byte("\n")), 6000)
}
