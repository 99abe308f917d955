package droplets_test

import (
	"fmt"
	"iter"
	"net/http"
	"path"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// count returns the number of items of an iterator and its error.
func count[T any](seq iter.Seq2[T, error]) (n int, err error) {
	for _, e := range seq {
		if e != nil {
			return n, e
		}
		n++
	}
	return n, nil
}

// imageActions returns a handler for reads of actions on images by themselves. An action that is not known is a 404. The others
// end at a time.
func imageActions(known int64, end time.Time) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		id, err := strconv.ParseInt(path.Base(r.URL.Path), 10, 64)
		image := path.Base(path.Dir(path.Dir(r.URL.Path)))
		if err != nil || id > known {
			return respond(404, notFoundBody)()
		}
		return respond(200, `{"action":`+imageAction(id, image, end)+`}`)()
	}
}

func imageAction(id int64, image string, end time.Time) string {
	status := droplets.ActionStatusInProgress
	if !time.Now().Before(end) {
		status = droplets.ActionStatusCompleted
	}
	return fmt.Sprintf(`{"id":%d,"status":%q,"type":"transfer","resource_id":%s,"resource_type":"image"}`, id, status, image)
}

// transferServer initiates transfers, which end after a minute, and shows them in the account's list unless that is forbidden.
type transferServer struct {
	forbidden bool
	end       time.Time
	images    []string // of the actions, whose IDs begin with 1
	times     []time.Time
	paths     map[string]int // number of requests by path
}

func newTransferServer(forbidden bool) *transferServer {
	return &transferServer{forbidden: forbidden, end: time.Now().Add(time.Minute), paths: make(map[string]int)}
}

func (s *transferServer) handle(_ int, r *http.Request) (*http.Response, error) {
	below := strings.TrimPrefix(r.URL.Path, testPrefix)
	s.times = append(s.times, time.Now())
	s.paths[below]++
	switch {
	case r.Method == http.MethodPost:
		s.images = append(s.images, path.Base(path.Dir(below)))
		return respond(201, `{"action":`+imageAction(int64(len(s.images)), path.Base(path.Dir(below)), s.end)+`}`)()
	case below == "/v2/actions" && s.forbidden:
		return respond(403, forbiddenBody)()
	case below == "/v2/actions":
		return respond(200, `{"actions":[`+strings.Join(s.list(), ",")+`],"meta":{"total":`+strconv.Itoa(len(s.images))+`}}`)()
	case strings.HasPrefix(below, "/v2/images/"):
		return imageActions(int64(len(s.images)), s.end)(r)
	}
	return respond(404, notFoundBody)()
}

// list returns the actions, newest first.
func (s *transferServer) list() (items []string) {
	for i := len(s.images); i > 0; i-- {
		items = append(items, imageAction(int64(i), s.images[i-1], s.end))
	}
	return items
}

// transfer initiates a transfer of n images.
func transfer(t *testing.T, c *droplets.Client, n int) (actions []droplets.Action) {
	t.Helper()
	for i := range n {
		a, err := c.Images.Transfer(t.Context(), int64(100+i), droplets.TransferRequest{Region: "fra1"})
		require.NoError(t, err)
		actions = append(actions, *a)
	}
	return actions
}

func TestWaitForImageActions(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		actions   int
		forbidden bool
		requests  int
		most      time.Duration
	}{
		"with the scope":         {actions: 3, requests: 12, most: 72 * time.Second},
		"without the scope":      {actions: 1, forbidden: true, requests: 12, most: 72 * time.Second},
		"many without the scope": {actions: 40, forbidden: true, requests: 200, most: 4 * time.Minute},
		"more without the scope": {actions: 150, forbidden: true, requests: 500, most: 10 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				server := newTransferServer(tt.forbidden)
				_, c := newAPI(t, server.handle)
				actions := transfer(t, c, tt.actions)
				server.times = nil
				start := time.Now()
				ended, err := c.DropletActions.WaitForActions(t.Context(), actions...)
				require.NoError(t, err)
				require.Len(t, ended, tt.actions)
				for i, a := range ended {
					assert.Equal(t, actions[i].ID, a.ID)
					assert.Equal(t, int64(100+i), a.ResourceID)
					assert.Equal(t, droplets.ActionStatusCompleted, a.Status)
				}
				assert.LessOrEqual(t, time.Since(start), tt.most)
				assert.LessOrEqual(t, len(server.times), tt.requests)
				assert.LessOrEqual(t, busiest(server.times), 60)
				if tt.forbidden {
					assert.Equal(t, 1, server.paths["/v2/actions"], "the 403 is remembered")
					assert.NotZero(t, server.paths["/v2/images/100/actions/1"])
				} else {
					assert.Zero(t, server.paths["/v2/images/100/actions/1"], "the list shows all of them")
				}
				for p := range server.paths {
					assert.NotContains(t, p, "/v2/droplets/")
				}
			})
		})
	}
}

// busiest returns the largest number of times within a minute.
func busiest(times []time.Time) (most int) {
	oldest := 0
	for i, at := range times {
		for at.Sub(times[oldest]) > time.Minute {
			oldest++
		}
		most = max(most, i-oldest+1)
	}
	return most
}

func TestWaitForAnErroredTransfer(t *testing.T) {
	t.Parallel()
	for name, list := range map[string]func() (*http.Response, error){
		"with the scope":    respond(200, `{"actions":[{"id":7,"status":"errored","type":"transfer","resource_id":42,"resource_type":"image"}]}`),
		"without the scope": respond(403, forbiddenBody),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtualtime.Test(t, func(t *testing.T) {
				_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
					if strings.HasSuffix(r.URL.Path, "/v2/actions") {
						return list()
					}
					assert.Equal(t, testPrefix+"/v2/images/42/actions/7", r.URL.Path)
					return respond(200, `{"action":{"id":7,"status":"errored","type":"transfer"}}`)()
				})
				ended, err := c.DropletActions.WaitForActions(t.Context(), runningTransfer(7, 42))
				require.ErrorIs(t, err, droplets.ErrActionFailed)
				var failed *droplets.ActionError
				require.ErrorAs(t, err, &failed)
				assert.Equal(t, "droplets: action 7 (transfer) on image 42 errored", failed.Error())
				assert.Equal(t, droplets.ActionStatusErrored, ended[0].Status)
			})
		})
	}
}

func runningTransfer(id, imageID int64) droplets.Action {
	return droplets.Action{ID: id, Type: droplets.ActionTypeTransfer, Status: droplets.ActionStatusInProgress,
		ResourceID: imageID, ResourceType: "image"}
}

// TestWaitForActionsOfADeletedImage: a 404 is an error of its action, also if a Droplet with the ID of the image was created
// just now, which can be invisible. The other actions are waited for.
func TestWaitForActionsOfADeletedImage(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		server := newTransferServer(true)
		_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/v2/droplets") {
				return respond(202, createdBody(999))()
			}
			return server.handle(n, r)
		})
		actions := transfer(t, c, 1)
		_, err := c.Droplets.Create(t.Context(), createRequest())
		require.NoError(t, err)
		start := time.Now()
		ended, err := c.DropletActions.WaitForActions(t.Context(), runningTransfer(2000, 999), actions[0])
		require.ErrorIs(t, err, droplets.ErrNotFound)
		assert.Equal(t, 1, server.paths["/v2/images/999/actions/2000"], "a 404 is final")
		assert.Equal(t, droplets.ActionStatusInProgress, ended[0].Status)
		assert.Equal(t, droplets.ActionStatusCompleted, ended[1].Status)
		assert.LessOrEqual(t, time.Since(start), 72*time.Second)
	})
}

// TestListedImageActionsHaveTheirImage: the API may leave the resource out. Without it, a wait would need the scope for the
// account's actions.
func TestListedImageActionsHaveTheirImage(t *testing.T) {
	t.Parallel()
	const body = `{"actions":[{"id":1,"status":"in-progress","resource_id":null,"resource_type":"image"},{"id":2,"status":"in-progress"},
		{"id":3,"resource_id":43,"resource_type":"image"},{"id":4,"resource_id":null,"resource_type":"backend"}],"meta":{"total":4}}`
	list := func() *droplets.Client {
		_, c := newAPI(t, sequence(respond(200, body)))
		return c
	}
	page, err := list().Images.ListActions(t.Context(), 42, nil)
	require.NoError(t, err)
	all, err := collect1(list().Images.AllActions(t.Context(), 42, nil))
	require.NoError(t, err)
	assert.Equal(t, page.Items, all)
	type resource struct {
		kind string
		id   int64
	}
	var got []resource
	for _, a := range all {
		got = append(got, resource{a.ResourceType, a.ResourceID})
	}
	assert.Equal(t, []resource{{"image", 42}, {"image", 42}, {"image", 43}, {"backend", 0}}, got)

	virtualtime.Test(t, func(t *testing.T) {
		a, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/v2/actions") {
				return respond(403, forbiddenBody)()
			}
			return respond(200, `{"action":{"id":`+path.Base(r.URL.Path)+`,"status":"completed"}}`)()
		})
		_, err := c.DropletActions.WaitForActions(t.Context(), all[:2]...)
		require.NoError(t, err)
		for _, r := range a.received()[1:] {
			assert.Equal(t, "/v2/images/42/actions", path.Dir(r.Path))
		}
	})
}

// TestWaitForActionsOfUnknownResources: an action on another resource, or on no known image, is read from the account's.
func TestWaitForActionsOfUnknownResources(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		for want, action := range map[string]droplets.Action{
			"/v2/actions/1":             {ID: 1, ResourceType: "image"},
			"/v2/actions/2":             {ID: 2, ResourceID: 42, ResourceType: "volume"},
			"/v2/actions/3":             {ID: 3},
			"/v2/droplets/42/actions/4": {ID: 4, ResourceID: 42},
			"/v2/droplets/42/actions/5": {ID: 5, ResourceID: 42, ResourceType: "droplet"},
			"/v2/images/42/actions/6":   {ID: 6, ResourceID: 42, ResourceType: "image"},
		} {
			a, c := newAPI(t, sequence(respond(403, forbiddenBody),
				respond(200, `{"action":{"id":`+path.Base(want)+`,"status":"completed"}}`)))
			ended, err := c.DropletActions.WaitForActions(t.Context(), action)
			require.NoError(t, err)
			require.Len(t, ended, 1)
			assert.Equal(t, action.ID, ended[0].ID)
			assert.Equal(t, droplets.ActionStatusCompleted, ended[0].Status)
			assert.Equal(t, want, a.last().Path)
			assert.Equal(t, 2, a.count())
		}
	})
}
