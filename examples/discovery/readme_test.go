package main

import (
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets/dropletstest"
)

// documented returns the names with the prefix in the first columns of the README's tables.
func documented(t *testing.T, prefix string) (names []string) {
	t.Helper()
	for line := range strings.Lines(readFile(t, "README.md")) {
		cell, ok := strings.CutPrefix(line, "| `")
		if !ok {
			continue
		}
		cell, _, _ = strings.Cut(cell, " |")
		for name := range strings.SplitSeq(strings.TrimSuffix(cell, "`"), "`, `") {
			if strings.HasPrefix(name, prefix) {
				names = append(names, name)
			}
		}
	}
	return names
}

func TestREADMEHasTheFlags(t *testing.T) {
	t.Parallel()
	var names []string
	text := readFile(t, "README.md")
	new(config).flagSet().VisitAll(func(f *flag.Flag) {
		names = append(names, "-"+f.Name)
		cell := " "
		if f.DefValue != "" {
			cell = " `" + f.DefValue + "` "
		}
		assert.Contains(t, text, "| `-"+f.Name+"` |"+cell+"|")
	})
	assert.ElementsMatch(t, names, documented(t, "-"))
}

func TestREADMEHasTheLabels(t *testing.T) {
	t.Parallel()
	var names []string
	for field := range reflect.TypeFor[labels]().Fields() {
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		names = append(names, name)
	}
	assert.Equal(t, names, documented(t, "__meta"), "in the same order")
}

func TestREADMEHasTheMetrics(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	newMetrics(registry).refreshed(resultSuccess, time.Second)
	api := dropletstest.New()
	client := api.Client(clientOptions(config{}, api.Transport(), registry, (&config{}).logger(t.Output()))...)
	registry.MustRegister(newRateLimitCollector(client))
	_, err := client.Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	families, err := registry.Gather()
	require.NoError(t, err)
	var names []string
	for _, family := range families {
		names = append(names, family.GetName())
	}
	assert.ElementsMatch(t, names, documented(t, "droplets_"))
}

// TestYAMLIsValid checks the rules and the configuration in the README, and prometheus.yml, with promtool.
func TestYAMLIsValid(t *testing.T) {
	t.Parallel()
	skipWithoutPrometheus(t)
	blocks := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(readFile(t, "README.md"), -1)
	require.Len(t, blocks, 2)
	dir := t.TempDir()
	write := func(name, content string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	job := "scrape_configs:\n  - job_name: droplets\n    "
	write("relabel.yml", job+strings.ReplaceAll(strings.TrimSpace(blocks[0][1]), "\n", "\n    ")+"\n")
	write("rules.yml", blocks[1][1])
	write("prometheus.yml", readFile(t, "prometheus.yml"))
	promtool(t, dir, "check", "config", "relabel.yml")
	promtool(t, dir, "check", "config", "prometheus.yml")
	assert.Contains(t, promtool(t, dir, "check", "rules", "rules.yml"), "3 rules found")
}
