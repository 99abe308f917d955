package droplets

import (
	"math"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func formatUnix(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

var noon = time.Date(2026, 8, 7, 12, 0, 0, 0, time.UTC)

func header(pairs ...string) http.Header {
	h := http.Header{}
	for i := 0; i < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
	return h
}

func TestServerDelay(t *testing.T) {
	t.Parallel()
	const reset = "ratelimit-reset"
	in := func(d time.Duration) string { return formatUnix(noon.Add(d)) }
	for name, tt := range map[string]struct {
		status int
		header http.Header
		want   time.Duration
		ok     bool
	}{
		"no header":                     {429, header(), 0, false},
		"seconds":                       {429, header("Retry-After", "20"), 20 * time.Second, true},
		"zero":                          {429, header("Retry-After", "0"), 0, true},
		"with spaces":                   {429, header("Retry-After", " 20 "), 20 * time.Second, true},
		"negative":                      {429, header("Retry-After", "-20"), 0, false},
		"fraction":                      {429, header("Retry-After", "1.5"), 0, false},
		"too large":                     {429, header("Retry-After", "99999999999999999999"), math.MaxInt64, true},
		"more than a Duration can hold": {429, header("Retry-After", "9223372037"), math.MaxInt64, true},
		"the most that it can hold":     {429, header("Retry-After", "9223372036"), 9223372036 * time.Second, true},
		"date":                          {429, header("Retry-After", noon.Add(time.Minute).Format(http.TimeFormat)), time.Minute, true},
		"a date in the past":            {429, header("Retry-After", noon.Add(-time.Minute).Format(http.TimeFormat)), 0, true},
		"relative to the Date header":   {429, header("Date", noon.Add(-time.Hour).Format(http.TimeFormat), "Retry-After", noon.Format(http.TimeFormat)), time.Hour, true},
		"seconds before a reset":        {429, header("Retry-After", "5", reset, in(time.Hour)), 5 * time.Second, true},
		"invalid before a reset":        {429, header("Retry-After", "soon", reset, in(time.Hour)), time.Hour, true},
		"a reset alone":                 {429, header(reset, in(time.Minute)), time.Minute, true},
		"a reset, no requests remain":   {429, header(reset, in(time.Minute), "ratelimit-limit", "5000", "ratelimit-remaining", "0"), time.Minute, true},
		"a reset, requests remain":      {429, header(reset, in(time.Minute), "ratelimit-limit", "5000", "ratelimit-remaining", "9"), 0, false},
		"a reset in the past":           {429, header(reset, in(-time.Hour)), 0, false},
		"a reset without a 429":         {503, header(reset, in(time.Minute)), 0, false},
		"a 503 with Retry-After":        {503, header("Retry-After", "7"), 7 * time.Second, true},
		"a reset that is too large":     {429, header(reset, "99999999999999"), 0, false},
		"a reset in the year 9999":      {429, header(reset, "253402300799"), math.MaxInt64, true},
		"a reset in the year 10000":     {429, header(reset, "253402300800"), 0, false},
	} {
		got, ok := serverDelay(tt.status, tt.header, noon)
		assert.Equal(t, tt.want, got, name)
		assert.Equal(t, tt.ok, ok, name)
	}
}

func TestParseRateLimit(t *testing.T) {
	t.Parallel()
	rl, ok := parseRateLimit(header("RateLimit-Limit", "5000", "RateLimit-Remaining", "-3", "RateLimit-Reset", "1754524800"))
	require.True(t, ok)
	assert.Equal(t, RateLimit{Limit: 5000, Remaining: 0, Reset: time.Unix(1754524800, 0).UTC()}, rl)
	for _, h := range []http.Header{
		header(), header("RateLimit-Limit", "5000"), header("RateLimit-Limit", "x", "RateLimit-Remaining", "1"),
		header("RateLimit-Limit", "-1", "RateLimit-Remaining", "1"),
	} {
		_, ok := parseRateLimit(h)
		assert.False(t, ok, "%v", h)
	}
}

func TestDelays(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n           int
		jitter      float64
		retry, poll time.Duration
	}{
		{0, 0, 500 * time.Millisecond, 2 * time.Second},
		{1, 0, time.Second, 3 * time.Second},
		{4, 0, 8 * time.Second, 10 * time.Second},
		{4, 1, 4 * time.Second, 9 * time.Second},
		{1e6, 0, 30 * time.Second, 10 * time.Second},
	} {
		assert.Equal(t, tt.retry, backoff(DefaultRetryPolicy(), tt.n, tt.jitter), "retry %d", tt.n)
		assert.Equal(t, tt.poll, pollDelay(DefaultPollPolicy(), tt.n, tt.jitter), "poll %d", tt.n)
	}
}

func FuzzRetryAfter(f *testing.F) {
	for _, s := range []string{"", "20", "-1", "1.5", "99999999999999999999", "Fri, 07 Aug 2026 12:01:00 GMT", "Friday, 07-Aug-26 12:01:00 GMT", "soon", "٣"} {
		f.Add(s, "Fri, 07 Aug 2026 12:00:00 GMT", uint16(429))
	}
	f.Fuzz(func(t *testing.T, after, date string, status uint16) {
		h := http.Header{headerRetryAfter: {after}, "Date": {date}}
		d, ok := serverDelay(int(status), h, noon)
		require.GreaterOrEqual(t, d, time.Duration(0))
		if !ok {
			require.Zero(t, d)
		}
	})
}

func FuzzRateHeaders(f *testing.F) {
	f.Add("5000", "4816", "1754524800")
	f.Add("", "", "")
	f.Add("-1", "x", "99999999999999999999")
	f.Add("5000", "0", "253402300800")
	f.Fuzz(func(t *testing.T, limit, remaining, reset string) {
		h := http.Header{headerRateLimit: {limit}, headerRateRemaining: {remaining}, headerRateReset: {reset}}
		rl, ok := parseRateLimit(h)
		require.Equal(t, ok, rl != RateLimit{} || (ok && limit != ""))
		require.GreaterOrEqual(t, rl.Limit, 0)
		require.GreaterOrEqual(t, rl.Remaining, 0)
		_, err := rl.Reset.MarshalJSON()
		require.NoError(t, err, "the time can be marshaled")
		d, _ := serverDelay(http.StatusTooManyRequests, h, noon)
		require.GreaterOrEqual(t, d, time.Duration(0))
	})
}

func TestLimitsOfZero(t *testing.T) {
	t.Parallel()
	rl, ok := parseRateLimit(header("ratelimit-limit", "0", "ratelimit-remaining", "0"))
	assert.True(t, ok)
	assert.Equal(t, RateLimit{}, rl)
	rl, ok = parseRateLimit(header("ratelimit-limit", "5000", "ratelimit-remaining", "-1", "ratelimit-reset", "1"))
	assert.True(t, ok)
	assert.Equal(t, RateLimit{Limit: 5000, Reset: time.Unix(1, 0).UTC()}, rl)
	for _, reset := range []string{"0", "-5", "soon", ""} {
		rl, ok = parseRateLimit(header("ratelimit-limit", "5000", "ratelimit-remaining", "1", "ratelimit-reset", reset))
		assert.True(t, ok)
		assert.True(t, rl.Reset.IsZero(), "%q: %s", reset, rl.Reset)
	}
	_, ok = parseRateLimit(header("ratelimit-limit", "-1", "ratelimit-remaining", "0"))
	assert.False(t, ok)
}
