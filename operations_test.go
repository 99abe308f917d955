package droplets_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

var apiLine = regexp.MustCompile(`(?m)^DigitalOcean API: ([A-Z]+ /v2/\S+)$`)

// documentedCalls returns the operations in the "DigitalOcean API:" lines of every exported method of a service, by
// "Field.Method".
func documentedCalls(t *testing.T) map[string][]string {
	t.Helper()
	calls := make(map[string][]string)
	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		require.NoError(t, err)
		for _, decl := range parsed.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Recv == nil || !fn.Name.IsExported() {
				continue
			}
			pointer, ok := fn.Recv.List[0].Type.(*ast.StarExpr)
			if !ok {
				continue
			}
			receiver, ok := pointer.X.(*ast.Ident)
			if !ok {
				continue // a generic type
			}
			service, ok := strings.CutSuffix(receiver.Name, "Service")
			if !ok {
				continue
			}
			name := service + "." + fn.Name.Name
			calls[name] = []string{}
			for _, match := range apiLine.FindAllStringSubmatch(fn.Doc.Text(), -1) {
				calls[name] = append(calls[name], match[1])
			}
		}
	}
	return calls
}

// TestOperations compares the API's list of operations, the operations in the doc comment of each method, and the requests
// that the method sends.
func TestOperations(t *testing.T) {
	t.Parallel()
	ops := operations(t)
	require.Len(t, ops, 57)
	sends := make(map[string]bool) // by the doc comments, which the subtests compare with the requests
	apiLines := documentedCalls(t)
	for _, m := range methods(t) {
		require.Contains(t, apiLines, m.name)
		for _, call := range apiLines[m.name] {
			sends[call] = true
		}
		t.Run(m.name, func(t *testing.T) {
			require.NotEmpty(t, apiLines[m.name], "the doc comment has no line \"DigitalOcean API: …\"")
			var sent []string
			virtualtime.Test(t, func(t *testing.T) {
				handle := documented(t)
				if needsFake(m.name, apiLines[m.name]) {
					handle = fakeHandler(t, m.name)
				}
				_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
					if op, ok := findOperation(t, ops, r); ok {
						sent = append(sent, op.Method+" "+op.Path)
					}
					return handle(n, r)
				})
				createBefore(t, c, m.name)
				sent = nil
				_, err := m.call(t.Context(), c)
				require.NoError(t, err)
			})
			slices.Sort(sent)
			assert.ElementsMatch(t, apiLines[m.name], slices.Compact(sent))
		})
	}
	for _, op := range ops {
		assert.True(t, sends[op.Method+" "+op.Path], "no method sends %s", op.ID)
	}
}

// needsFake reports whether a method needs a server with state, because it sends several requests or waits for a change.
func needsFake(method string, apiLines []string) bool {
	return len(apiLines) > 1 || method == waitForDeleted
}

// createBefore creates a Droplet with the client that is tested, if the method finds Droplets by name. The lists do not show
// that Droplet: for FindByName it is invisible, for the others its create fails.
func createBefore(t *testing.T, c *droplets.Client, method string) {
	t.Helper()
	if !strings.HasPrefix(method, "Droplets.Ensure") && method != findByName {
		return
	}
	req := createRequest()
	if method == findByName {
		req.Name = "web"
	}
	_, err := c.Droplets.Create(t.Context(), req)
	require.NoError(t, err)
	<-time.After(2 * time.Second)
}

const findByName = "Droplets.FindByName"

// fakeHandler returns a handler that forwards requests to the in-memory fake. The fake has one Droplet, whose operating
// system does not react to a shutdown. The token may not list the account's actions.
func fakeHandler(t *testing.T, method string) func(int, *http.Request) (*http.Response, error) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	if method == findByName {
		api = dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: time.Minute}))
	}
	if strings.HasPrefix(method, "Droplets.Ensure") {
		api.FailNextAction(droplets.ActionTypeCreate)
	}
	api.Respond(1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
	if method == ensureSSHKey { // of another program, and not found by its fingerprint
		api.AddSSHKey("desktop", sampleKey+" me@desktop")
		api.Respond(-1, dropletstest.Match{Operation: "sshKeys_get"}, dropletstest.Fault{Status: 404})
	}
	if method == waitForDeleted {
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), sampleID))
	}
	api.FailNextAction(droplets.ActionTypeShutdown)
	if method == waitForActions {
		c := api.Client()
		_, err := c.DropletActions.PowerCycle(t.Context(), sampleID)
		require.NoError(t, err)
		api.AddImage(droplets.Image{ID: sampleImageID, Regions: []string{"nyc3"}})
		_, err = c.Images.Transfer(t.Context(), sampleImageID, droplets.TransferRequest{Region: "fra1"})
		require.NoError(t, err)
	}
	return func(_ int, r *http.Request) (*http.Response, error) {
		r = r.Clone(r.Context())
		r.URL.Path = strings.TrimPrefix(r.URL.Path, testPrefix)
		r.Header.Set("Authorization", "Bearer "+dropletstest.Token)
		if r.GetBody != nil {
			r.Body, _ = r.GetBody()
		}
		return api.Transport().RoundTrip(r)
	}
}

// TestOperationsTable compares the tables of docs/operations.md with the API's list.
func TestOperationsTable(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("docs/operations.md")
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `([A-Z]+ /v2/[^`]+)` \\| `([A-Za-z]+)\\.([A-Za-z]+)`")
	rows := make(map[string]string)
	for _, match := range row.FindAllStringSubmatch(string(page), -1) {
		rows[match[1]] = match[2] + "." + match[3]
	}
	apiLines := documentedCalls(t)
	for _, op := range operations(t) {
		call := op.Method + " " + op.Path
		if assert.Contains(t, rows, call) {
			assert.Contains(t, apiLines[rows[call]], call, "%s does not send it", rows[call])
		}
	}
	assert.Len(t, rows, 57)
}
