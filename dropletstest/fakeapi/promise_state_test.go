package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/virtualtime"
)

// TestStateIsSavedAtMostOnceASecond: a change within a second after a save is saved with the next change after that second.
func TestStateIsSavedAtMostOnceASecond(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.json")
	virtualtime.Test(t, func(t *testing.T) {
		s := newTestServer(t, nil, "")
		store := newStore(file, discardLog())
		store.api = s.api
		handler := store.saveAfterChanges(s)
		create := func(tag string) (saved string) {
			resp := request(t, handler, http.MethodPost, "/v2/tags", map[string]string{"Authorization": "Bearer any"}, strings.NewReader(`{"name": "`+tag+`"}`))
			require.Equal(t, http.StatusCreated, resp.StatusCode)
			b, err := os.ReadFile(file)
			require.NoError(t, err)
			return string(b)
		}
		assert.Contains(t, create("first"), "first")
		<-time.After(900 * time.Millisecond)
		assert.NotContains(t, create("second"), "second")
		<-time.After(100 * time.Millisecond)
		saved := create("third")
		assert.Contains(t, saved, "second")
		assert.Contains(t, saved, "third")
	})
}
