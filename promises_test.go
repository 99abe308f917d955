package droplets_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/internal/mutate/promises"
)

// promisesAndChanges returns the rows of docs/promises.md, each with the changes that break it.
func promisesAndChanges(t *testing.T) []promises.Breakable {
	t.Helper()
	table, err := promises.ReadTable("docs/promises.md")
	require.NoError(t, err)
	entries, err := promises.ReadEntries("internal/mutate/promises.txt")
	require.NoError(t, err)
	all, err := promises.Match(table, entries)
	require.NoError(t, err, "each promise needs an entry in internal/mutate/promises.txt that says how to break it")
	return all
}

// TestPromises checks the table of docs/promises.md: each page has the promise that is quoted, each test exists, and the changes
// that break the promise can be made. "make promises" makes them and runs the tests.
func TestPromises(t *testing.T) {
	t.Parallel()
	all := promisesAndChanges(t)
	exempt := 0
	pagesWithPromises := make(map[string]bool)
	for _, p := range all {
		pagesWithPromises[p.Page] = true
		assert.Contains(t, plainText(t, p.Page), p.Text, "%s does not have this promise", p.Page)
		if p.Exempt != "" {
			exempt++
			assert.Empty(t, p.Tests, "%s: no change of the code breaks it, so that a test proves nothing", p)
			continue
		}
		assert.NotEmpty(t, p.Tests, "no test holds the promise %q", p)
		for _, test := range p.Tests {
			assert.True(t, isDeclared(t, test.Folder, test.Name), "there is no test %s", test)
		}
		for _, change := range p.Changes {
			source, err := os.ReadFile(change.File)
			require.NoError(t, err, p)
			_, err = change.Apply(string(source))
			assert.NoError(t, err, "change the entry of %q too", p)
		}
	}
	assert.Less(t, exempt, len(all)/25, "exempt are only promises that are not about code")
	pages, err := filepath.Glob("docs/*.md")
	require.NoError(t, err)
	for _, page := range append(pages, "README.md", "SECURITY.md", "doc.go", "dropletstest/doc.go") {
		isPage := page != "docs/promises.md" && page != "docs/design.md"
		assert.Equal(t, isPage, pagesWithPromises[page], "the table has no promise of %s", page)
	}
}

// TestSecurityNamesItsTests checks that each guarantee of SECURITY.md names its tests, and that the table of promises has each of
// them in a row that quotes this guarantee. TestREADMENames checks that the tests exist.
func TestSecurityNamesItsTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	_, guarantees, _ := strings.Cut(string(text), "## Guarantees\n")
	guarantees, _, _ = strings.Cut(guarantees, "\n## ")
	items := strings.Split(guarantees, "\n- ")[1:]
	require.Greater(t, len(items), 8)
	all := promisesAndChanges(t)
	for _, item := range items {
		item = strings.Join(strings.Fields(item), " ")
		var proven []promises.Test
		for _, p := range all {
			if p.Page == "SECURITY.md" && strings.Contains(item, p.Text) {
				proven = append(proven, p.Tests...)
			}
		}
		named := promises.TestsIn(item)
		assert.NotEmpty(t, named, item)
		for _, test := range named {
			assert.Contains(t, proven, test, "no row of docs/promises.md proves that %s keeps: %s", test, item)
		}
	}
}

// TestComparisonNamesProvenTests checks that each test that docs/comparison.md names is one of the table of promises.
func TestComparisonNamesProvenTests(t *testing.T) {
	t.Parallel()
	var proven []string
	for _, p := range promisesAndChanges(t) {
		for _, test := range p.Tests {
			proven = append(proven, test.Name)
		}
	}
	text, err := os.ReadFile("docs/comparison.md")
	require.NoError(t, err)
	named := promises.TestsIn(string(text))
	require.Greater(t, len(named), 15)
	for _, test := range named {
		assert.True(t, slices.Contains(proven, test.Name), "no row of docs/promises.md has %s", test)
	}
}

// plainText returns a page on one line, without comment marks.
func plainText(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	plain := regexp.MustCompile(`(?m)^// ?`).ReplaceAllString(string(text), "")
	return strings.Join(strings.Fields(plain), " ")
}

// isDeclared reports whether a test exists in a folder, given as "folder/".
func isDeclared(t *testing.T, folder, name string) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(path.Clean("./"+folder), "*_test.go"))
	require.NoError(t, err)
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(text), "\nfunc "+name+"(") {
			return true
		}
	}
	return false
}
