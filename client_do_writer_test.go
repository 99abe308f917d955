package droplets_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// failingWriter accepts a part of what is written and then fails.
type failingWriter struct {
	err error
	got []byte
}

func (w *failingWriter) Write(b []byte) (int, error) {
	w.got = append(w.got, b[:1]...)
	return 1, w.err
}

// TestDoWithAWriterThatFails: the response was complete, and only the caller's writer has failed. A change was applied.
func TestDoWithAWriterThatFails(t *testing.T) {
	t.Parallel()
	errDiskFull := errors.New("no space\nleft on device")
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
		var log bytes.Buffer
		a, c := newAPI(t, sequence(respond(201, `{"volume":{"id":"7"}}`, "X-Request-Id: r-1")),
			droplets.WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
		req, err := c.NewRequest(t.Context(), method, "v2/volumes/7", nil)
		require.NoError(t, err)
		w := &failingWriter{err: errDiskFull}
		resp, err := c.Do(req, w, droplets.WithOperation("volumes_x"))
		require.ErrorIs(t, err, errDiskFull)
		require.NotErrorIs(t, err, droplets.ErrInvalidResponse, "the response is valid")
		isChange := method != http.MethodGet
		assert.Equal(t, isChange, errors.Is(err, droplets.ErrMaybeApplied), method)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, 201, e.StatusCode)
		assert.Equal(t, "r-1", e.RequestID)
		assert.Equal(t, "volumes_x", e.Operation)
		assert.JSONEq(t, `{"volume":{"id":"7"}}`, string(e.Body))
		text := "droplets: volumes_x: " + method + " /some/prefix/v2/volumes/7: 201 Created: writing the response: no space left on device"
		if isChange {
			text += "; the change may have been applied"
		}
		assert.Equal(t, text+"; request id r-1", err.Error())
		require.NotNil(t, resp)
		assert.JSONEq(t, `{"volume":{"id":"7"}}`, string(resp.Body))
		assert.Equal(t, "{", string(w.got))
		assert.Equal(t, 1, a.count(), "the request is not sent again")
		assert.NotContains(t, log.String(), "no response")
		assert.NotContains(t, log.String(), "no space")
	}
}

// TestTheErrorOfAWriterDoesNotDescribeTheCall: it may be from another call of this package, and may contain the token.
func TestTheErrorOfAWriterDoesNotDescribeTheCall(t *testing.T) {
	t.Parallel()
	_, c := newAPI(t, sequence(respond(200, `{}`)))
	req, err := c.NewRequest(t.Context(), http.MethodGet, "v2/volumes", nil)
	require.NoError(t, err)
	_, err = c.Do(req, &failingWriter{err: &droplets.Error{StatusCode: 404, ID: "not_found", Message: "no " + testToken}})
	var e *droplets.Error
	require.ErrorAs(t, err, &e)
	assert.Equal(t, 200, e.StatusCode)
	for _, kind := range []error{droplets.ErrNotFound, droplets.ErrInvalidResponse, droplets.ErrMaybeApplied} {
		require.NotErrorIs(t, err, kind)
	}
	requireNoSecret(t, "error", err, true)

	_, err = c.Do(req, &failingWriter{err: errors.Join(io.ErrShortWrite, errors.New("with "+testToken))})
	require.ErrorIs(t, err, io.ErrShortWrite)
	requireNoSecret(t, "error", err, true)
}
