package droplets_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var (
	promiseRow = regexp.MustCompile(`(?m)^\| ([\w/]+\.(?:md|go)) \| (.+) \| (.+) \|$`)
	testName   = regexp.MustCompile("`([\\w/]*?)((?:Test|Fuzz|Example)\\w+)`")
)

// TestPromises checks the table of docs/promises.md: each page has the promise that is quoted, and each test exists.
func TestPromises(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("docs/promises.md")
	require.NoError(t, err)
	rows := promiseRow.FindAllStringSubmatch(string(table), -1)
	require.Greater(t, len(rows), 50)
	pagesWithPromises := make(map[string]bool)
	for _, row := range rows {
		page, promise, tests := row[1], row[2], testName.FindAllStringSubmatch(row[3], -1)
		pagesWithPromises[page] = true
		assert.Contains(t, plainText(t, page), promise, "%s does not have this promise", page)
		assert.NotEmpty(t, tests, "no test holds the promise %q", promise)
		for _, test := range tests {
			assert.True(t, isDeclared(t, test[1], test[2]), "there is no test %s%s", test[1], test[2])
		}
	}
	for _, page := range []string{"README.md", "doc.go", "docs/fleets.md", "docs/lifecycle.md"} {
		assert.True(t, pagesWithPromises[page], "the table has no promise of %s", page)
	}
}

// TestSecurityNamesItsTests checks that each guarantee of SECURITY.md names its tests. TestREADMENames checks that they exist.
func TestSecurityNamesItsTests(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("SECURITY.md")
	require.NoError(t, err)
	_, guarantees, _ := strings.Cut(string(text), "## Guarantees\n")
	guarantees, _, _ = strings.Cut(guarantees, "\n## ")
	items := strings.Split(guarantees, "\n- ")[1:]
	require.Greater(t, len(items), 8)
	for _, item := range items {
		assert.Regexp(t, testName, item)
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
