package promises

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func write(t *testing.T, text string) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

func TestReadTable(t *testing.T) {
	t.Parallel()
	table, err := ReadTable(write(t, "Text about `TestNothing`.\n\n| page | promise | tests |\n| --- | --- | --- |\n"+
		"| README.md | It adds `a` | `TestSum`, `some/folder-x/TestMore`, `FuzzSum`; `not a test` |\n| docs/a.md | free | – |\n"))
	require.NoError(t, err)
	assert.Equal(t, []Promise{
		{Page: "README.md", Text: "It adds `a`", Tests: []Test{{"", "TestSum"}, {"some/folder-x/", "TestMore"}, {"", "FuzzSum"}}},
		{Page: "docs/a.md", Text: "free"},
	}, table)
	assert.Equal(t, "README.md: It adds `a`", table[0].String())
	assert.Equal(t, "some/folder-x/TestMore", table[0].Tests[1].String())
	_, err = ReadTable(write(t, "no table"))
	require.ErrorContains(t, err, "there is no row")
	_, err = ReadTable("missing")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestReadEntries(t *testing.T) {
	t.Parallel()
	entries, err := ReadEntries(write(t, "# a comment\n\nREADME.md: It adds: numbers\n# another\nsum.go after func Sum\n-\ta + b\n-\tc\n+\ta - b\n-x\n+\nb.go\n-y\n+z\n\n\n"+
		"a.md: free\nexempt: it is not about code\n"))
	require.NoError(t, err)
	assert.Equal(t, []Entry{
		{Page: "README.md", Text: "It adds: numbers", Changes: []Change{
			{File: "sum.go", After: "func Sum", Edits: []Edit{{"\ta + b\n\tc", "\ta - b"}, {"x", ""}}},
			{File: "b.go", Edits: []Edit{{"y", "z"}}}}},
		{Page: "a.md", Text: "free", Exempt: "it is not about code"},
	}, entries)
	for text, want := range map[string]string{
		"README.md\na.go\n-x\n+y\n":                     "the first line must be",
		"README.md: a\n":                                "must have changes or the reason",
		"README.md: a\na.go\n-x\n+y\nexempt: because\n": "must have changes or the reason",
		"README.md: a\n-x\n+y\n":                        "after the name of its file",
		"README.md: a\na.go\n":                          "it has no edit",
		"README.md: a\na.go\n-x\n":                      "lines with a minus and then lines with a plus",
		"README.md: a\na.go\n+x\n":                      "lines with a minus and then lines with a plus",
		"README.md: a\na.go\n-x\n+x\n":                  "changes nothing",
	} {
		_, err := ReadEntries(write(t, text))
		require.ErrorContains(t, err, want, text)
	}
	_, err = ReadEntries("missing")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestApply(t *testing.T) {
	t.Parallel()
	const source = "func A() { x; y }\nfunc B() { x; y }\n"
	edit := func(old, replacement string) []Edit { return []Edit{{old, replacement}} }
	for _, tt := range []struct {
		change Change
		want   string
		err    string
	}{
		{Change{Edits: edit("A() { x;", "A() { z;")}, "func A() { z; y }\nfunc B() { x; y }\n", ""},
		{Change{After: "func B", Edits: edit("x;", "z;")}, "func A() { x; y }\nfunc B() { z; y }\n", ""},
		{Change{After: "func A", Edits: []Edit{{"x;", "z;"}, {"B() {", "B() { z;"}}}, "func A() { z; y }\nfunc B() { z; x; y }\n", ""},
		{Change{Edits: edit("x;", "z;")}, "", `the old text "x;" occurs 2 times`},
		{Change{Edits: edit("gone", "z")}, "", `the old text "gone" occurs 0 times`},
		{Change{After: "func B", Edits: edit("A()", "z")}, "", `the old text "A()" occurs 0 times`},
		{Change{After: "func", Edits: edit("x;", "z;")}, "", `the text "func" occurs 2 times`},
		{Change{Edits: []Edit{{"B() { x", "B() { z"}, {"A() { x", "A() { z"}}}, "func A() { z; y }\nfunc B() { z; y }\n", ""},
		{Change{After: "func A", Edits: []Edit{{"A() { x", "z"}, {"{ x; y", "z"}}}, "", "overlap"},
	} {
		got, err := tt.change.Apply(source)
		if tt.err != "" {
			require.ErrorContains(t, err, tt.err)
			continue
		}
		require.NoError(t, err)
		assert.Equal(t, tt.want, got)
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	table := []Promise{{Page: "a.md", Text: "It adds one"}, {Page: "a.md", Text: "It adds two"}, {Page: "b.md", Text: "It adds one"}}
	change := []Change{{File: "a.go"}}
	all, err := Match(table, []Entry{{Page: "a.md", Text: "two", Changes: change}, {Page: "b.md", Text: "adds", Exempt: "why"}, {Page: "a.md", Text: "one"}})
	require.NoError(t, err)
	assert.Equal(t, []Breakable{{Promise: table[0]}, {Promise: table[1], Changes: change}, {Promise: table[2], Exempt: "why"}}, all)
	_, err = Match(table, []Entry{{Page: "a.md", Text: "adds"}, {Page: "a.md", Text: "one"}, {Page: "a.md", Text: "It adds one"}})
	for _, want := range []string{`the entry "a.md: adds" selects 2 promises`, `the promise "a.md: It adds one" has two entries`,
		`the promise "a.md: It adds two" has no entry`, `the promise "b.md: It adds one" has no entry`} {
		require.ErrorContains(t, err, want)
	}
}
