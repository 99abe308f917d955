package droplets_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

const (
	maxResponse = 16 << 20
	maxError    = 1 << 20
	maxKept     = 64 << 10
	maxRequest  = 1 << 20
)

// padded adds spaces before the end of a JSON object, up to a size.
func padded(object string, size int) string {
	return object[:len(object)-1] + strings.Repeat(" ", size-len(object)) + "}"
}

func TestLimitOfResponses(t *testing.T) {
	t.Parallel()
	for size, tooLarge := range map[int]bool{maxResponse: false, maxResponse + 1: true} {
		_, c := newAPI(t, sequence(respond(200, padded(dropletBody(42), size))))
		d, err := c.Droplets.Get(t.Context(), 42)
		if tooLarge {
			require.ErrorIs(t, err, droplets.ErrResponseTooLarge, "%d bytes", size)
			continue
		}
		require.NoError(t, err, "%d bytes", size)
		assert.Equal(t, int64(42), d.ID)
	}
}

func TestLimitOfErrorResponses(t *testing.T) {
	t.Parallel()
	for size, message := range map[int]string{maxError: "no such size", maxError + 1: ""} {
		_, c := newAPI(t, sequence(respond(422, padded(`{"id":"x","message":"no such size"}`, size))))
		_, err := c.Droplets.Get(t.Context(), 42)
		var e *droplets.Error
		require.ErrorAs(t, err, &e)
		assert.Equal(t, message, e.Message, "%d bytes", size)
		assert.Len(t, e.Body, maxKept)
	}
}

// countingBody is an endless body that counts how much of it is read.
type countingBody struct{ read int }

func (b *countingBody) Read(p []byte) (int, error) {
	b.read += len(p)
	return copy(p, bytes.Repeat([]byte("x"), len(p))), nil
}

func TestEndlessBodiesAreReadUpToTheLimit(t *testing.T) {
	t.Parallel()
	for status, limit := range map[int]int{200: maxResponse, 422: maxError} {
		var body countingBody
		_, c := newAPI(t, func(int, *http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: status, Header: http.Header{}, ContentLength: -1, Body: io.NopCloser(&body)}, nil
		})
		_, err := c.Droplets.Get(t.Context(), 42)
		require.Error(t, err)
		assert.Equal(t, limit+1, body.read, "one byte more than the limit shows that the body is too large")
	}
}

func TestLimitOfRequests(t *testing.T) {
	t.Parallel()
	const url = "https://" + testHost + testPrefix + "/v2/projects"
	for size, tooLarge := range map[int]bool{maxRequest: false, maxRequest + 1: true} {
		text := strings.Repeat("x", size-len(`{"name":""}`))
		a, c := newAPI(t, sequence(respond(200, `{}`)))
		encoded, err := c.NewRequest(t.Context(), http.MethodPost, "v2/projects", struct {
			Name string `json:"name"`
		}{text})
		if tooLarge {
			requireInvalid(t, err, "body")
		} else {
			require.NoError(t, err)
			_, err = c.Do(encoded, nil)
			require.NoError(t, err)
			assert.Len(t, a.last().Body, size)
		}

		byHand, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(`{"name":"`+text+`"}`))
		require.NoError(t, err)
		sent := a.count()
		_, err = c.Do(byHand, nil)
		if tooLarge {
			requireInvalid(t, err, "req")
			assert.Equal(t, sent, a.count())
			continue
		}
		require.NoError(t, err)
		assert.Len(t, a.last().Body, size)
	}
}

// TestLimitOfRequestsWithMoreFields: the limit includes the fields of WithBodyField.
func TestLimitOfRequestsWithMoreFields(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(202, createdBody(1))))
	require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField("notes", ""))))
	free := maxRequest - len(a.last().Body)
	require.NoError(t, second(c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField("notes", strings.Repeat("x", free)))))
	assert.Len(t, a.last().Body, maxRequest)
	requireInvalid(t, second(c.Droplets.Create(t.Context(), createRequest(), droplets.WithBodyField("notes", strings.Repeat("x", free+1)))), "body")
	assert.Equal(t, 2, a.count())
}
