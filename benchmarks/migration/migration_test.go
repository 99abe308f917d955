package migration

import (
	"bytes"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets/dropletstest"
)

// TestBothProgramsDoTheSame runs both programs on the fake and compares their output and the Droplets that they leave.
func TestBothProgramsDoTheSame(t *testing.T) {
	const want = "created worker-1 198.18.0.2\nworker-1 active\n"
	synctest.Test(t, func(t *testing.T) {
		var before, after bytes.Buffer
		api := dropletstest.New(dropletstest.WithActionDuration(30 * time.Second))
		client, err := godo.New(&http.Client{Transport: withToken{api.Transport()}})
		if err != nil {
			t.Fatal(err)
		}
		if err := ProvisionWithGodo(t.Context(), client, &before); err != nil {
			t.Fatal(err)
		}
		left := len(api.Droplets())
		api = dropletstest.New(dropletstest.WithActionDuration(30 * time.Second))
		if err := Provision(t.Context(), api.Client(), &after); err != nil {
			t.Fatal(err)
		}
		if before.String() != want || after.String() != want || left+len(api.Droplets()) > 0 {
			t.Errorf("godo: %q, this library: %q, %d Droplets left", before.String(), after.String(), left+len(api.Droplets()))
		}
	})
}

type withToken struct{ transport http.RoundTripper }

func (w withToken) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("Authorization", "Bearer "+dropletstest.Token)
	return w.transport.RoundTrip(r)
}

// TestGuideHasThePrograms compares the code in docs/godo.md with the files.
func TestGuideHasThePrograms(t *testing.T) {
	guide, err := os.ReadFile("../../docs/godo.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"before.go", "after.go"} {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, function, _ := strings.Cut(string(source), ")\n\n") // after the imports
		if !strings.Contains(string(guide), "```go\n"+function+"```") {
			t.Errorf("docs/godo.md does not have the function of %s", file)
		}
	}
}
