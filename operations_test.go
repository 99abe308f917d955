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
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

var apiLine = regexp.MustCompile(`(?m)^DigitalOcean API: ([A-Z]+ /v2/\S+)$`)

// documentedCalls reads the "DigitalOcean API:" lines of every exported method of a service, by "Field.Method".
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
			receiver := pointer.X.(*ast.Ident).Name
			service, ok := strings.CutSuffix(receiver, "Service")
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

// TestOperations holds three things against each other: the API's list of operations, what each method's documentation
// says that it sends, and what it sends.
func TestOperations(t *testing.T) {
	t.Parallel()
	ops := operations(t)
	require.Len(t, ops, 25)
	called := make(map[string]bool)
	said := documentedCalls(t)
	for _, m := range methods(t) {
		require.Contains(t, said, m.name)
		t.Run(m.name, func(t *testing.T) {
			require.NotEmpty(t, said[m.name], "its documentation has no line \"DigitalOcean API: …\"")
			var sent []string
			synctest.Test(t, func(t *testing.T) {
				handle := documented(t)
				if needsAPI(m.name, said[m.name]) {
					handle = living(t, m.name)
				}
				_, c := newAPI(t, func(n int, r *http.Request) (*http.Response, error) {
					if op, ok := findOperation(t, ops, r); ok {
						called[op.ID] = true
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
			assert.ElementsMatch(t, said[m.name], slices.Compact(sent))
		})
	}
	for _, op := range ops {
		assert.True(t, called[op.ID], "no method sends %s", op.ID)
	}
}

// needsAPI tells the methods that have to see what their requests do, because they make several or wait for a change.
func needsAPI(method string, said []string) bool {
	return len(said) > 1 || method == waitForDeleted
}

// createBefore lets the client create a Droplet that a method which finds Droplets by name will not see in the lists:
// invisible for FindByName, failed for the others.
func createBefore(t *testing.T, c *droplets.Client, method string) {
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

// living answers with the API in memory: one Droplet whose operating system does not react to a shutdown. The first create
// fails for the methods that create Droplets by name, and the token may not list the account's actions.
func living(t *testing.T, method string) func(int, *http.Request) (*http.Response, error) {
	api := dropletstest.New(dropletstest.WithDroplets(1))
	if method == findByName {
		api = dropletstest.New(dropletstest.WithLag(dropletstest.Lag{Visibility: time.Minute}))
	}
	if strings.HasPrefix(method, "Droplets.Ensure") {
		api.FailNextAction(droplets.ActionTypeCreate)
	}
	api.Respond(1, dropletstest.Match{Operation: "actions_list"}, dropletstest.Fault{Status: 403})
	if method == waitForDeleted {
		require.NoError(t, api.Client().Droplets.Delete(t.Context(), sampleID))
	}
	api.FailNextAction(droplets.ActionTypeShutdown)
	if method == waitForActions {
		c := api.Client()
		_, err := c.DropletActions.PowerCycle(t.Context(), sampleID)
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

// TestREADMEOperations keeps the README's table of operations complete and right.
func TestREADMEOperations(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `([A-Z]+ /v2/[^`]+)` \\| `([A-Za-z]+)\\.([A-Za-z]+)`")
	rows := make(map[string]string)
	for _, match := range row.FindAllStringSubmatch(string(readme), -1) {
		rows[match[1]] = match[2] + "." + match[3]
	}
	said := documentedCalls(t)
	for _, op := range operations(t) {
		call := op.Method + " " + op.Path
		if assert.Contains(t, rows, call) {
			assert.Contains(t, said[rows[call]], call, "%s does not send it", rows[call])
		}
	}
	assert.Len(t, rows, 25)
}
