package server_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/conformance/internal/server"
)

// TestConcurrentRequestsHaveOneLineEach sends requests from several goroutines over sockets. The numbers of the lines must differ.
func TestConcurrentRequestsHaveOneLineEach(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := httptest.NewServer(server.Mock(load(t), server.NewLog(&log)))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v2/droplets/1", http.NoBody)
				assert.NoError(t, err)
				r.Header.Set("Authorization", "Bearer x")
				resp, err := s.Client().Do(r)
				if assert.NoError(t, err) {
					assert.Equal(t, http.StatusOK, resp.StatusCode)
					assert.NoError(t, resp.Body.Close())
				}
			}
		})
	}
	wg.Wait()
	s.Close()
	seen := make(map[int]bool)
	for line := range strings.Lines(log.String()) {
		var e server.Entry
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		seen[e.Seq] = true
	}
	assert.Len(t, seen, 160)
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestLogReportsAFailedWrite(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	log := server.NewLog(brokenWriter{full})
	require.NoError(t, log.Err())
	server.Mock(load(t), log).ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v2/droplets", http.NoBody))
	require.ErrorIs(t, log.Err(), full)
}
