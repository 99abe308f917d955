package benchmarks

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/digitalocean/godo"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/internal/jsonkeys"
)

// pair is a type of godo and the type of this library that must have its JSON keys.
type pair struct {
	godo, ours reflect.Type
	keys       func(reflect.Type) (jsonkeys.Keys, error) // returns the keys of ours
}

// response compares the keys that are decoded.
func response[G, O any]() pair {
	return pair{reflect.TypeFor[G](), reflect.TypeFor[O](), func(t reflect.Type) (jsonkeys.Keys, error) { return jsonkeys.Of(t), nil }}
}

// request compares the keys that are encoded if every field is set.
func request[G, O any]() pair { return pair{reflect.TypeFor[G](), reflect.TypeFor[O](), encodedKeys} }

func encodedKeys(t reflect.Type) (jsonkeys.Keys, error) {
	v, err := jsonkeys.Filled(t, droplets.ImageID(1), droplets.SSHKeyID(1))
	if err != nil {
		return nil, err
	}
	return jsonkeys.Encoded(v)
}

// pairs returns the types of all resources that both libraries have. The types of their fields are compared too.
func pairs() []pair {
	return []pair{
		response[godo.Droplet, droplets.Droplet](),
		response[godo.Kernel, droplets.Kernel](),
		response[godo.BackupWindow, droplets.BackupWindow](),
		response[godo.Networks, droplets.Networks](),
		response[godo.Image, droplets.Image](),
		response[godo.Size, droplets.Size](),
		response[godo.Region, droplets.Region](),
		response[godo.Action, droplets.Action](),
		response[godo.LinkAction, droplets.ActionLink](),
		response[godo.Firewall, droplets.Firewall](),
		response[godo.DropletBackupPolicy, droplets.BackupPolicyRecord](),
		response[godo.SupportedBackupPolicy, droplets.SupportedBackupPolicy](),
		response[godo.DropletAssociatedResources, droplets.AssociatedResources](),
		response[godo.Snapshot, droplets.Snapshot](),
		response[godo.Key, droplets.SSHKey](),
		response[godo.Tag, droplets.Tag](),
		response[godo.DropletAutoscalePool, droplets.AutoscalePool](),
		response[godo.DropletAutoscaleResource, droplets.AutoscalePoolMember](),
		response[godo.DropletAutoscaleHistoryEvent, droplets.AutoscalePoolEvent](),
		request[godo.DropletCreateRequest, droplets.DropletCreateRequest](),
		request[godo.DropletMultiCreateRequest, droplets.DropletMultiCreateRequest](),
		request[godo.CustomImageCreateRequest, droplets.CustomImageCreateRequest](),
		request[godo.ImageUpdateRequest, droplets.ImageUpdateRequest](),
		request[godo.KeyCreateRequest, droplets.SSHKeyCreateRequest](),
		request[godo.KeyUpdateRequest, droplets.SSHKeyUpdateRequest](),
		request[godo.Resource, droplets.TaggedResource](),
		request[godo.DropletAutoscalePoolRequest, droplets.AutoscalePoolRequest](),
	}
}

const undocumented = "it is not in DigitalOcean's OpenAPI document"

// exceptions returns the keys of godo that this library does not have, with the reason.
func exceptions() map[string]string {
	return map[string]string{
		"DropletCreateRequest /private_networking":      "deprecated: every Droplet is in a VPC network",
		"DropletMultiCreateRequest /private_networking": "deprecated: every Droplet is in a VPC network",
		"Tag /resources/droplets/last_tagged":           "an earlier version of the API returned the last Droplet with the tag; now it returns only the URL",
		"Firewall /inbound_rules/*/action":              undocumented,
		"Firewall /outbound_rules/*/action":             undocumented,
	}
}

// TestKeysOfGodo fails if godo decodes or sends a key that this library does not have, because the API may have a new field.
func TestKeysOfGodo(t *testing.T) {
	problems, err := compareKeys(pairs(), exceptions())
	if err != nil {
		t.Fatal(err)
	}
	for _, problem := range problems {
		t.Error(problem)
	}
}

// compareKeys returns a line for each key that is missing, and for each exception that is not needed.
func compareKeys(pairs []pair, exceptions map[string]string) ([]string, error) {
	var problems []string
	unused := maps.Clone(exceptions)
	for _, p := range pairs {
		ours, err := p.keys(p.ours)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.ours, err)
		}
		for _, key := range slices.Sorted(maps.Keys(jsonkeys.Of(p.godo))) {
			name := p.godo.Name() + " " + key
			_, excepted := exceptions[name]
			switch inner := strings.LastIndex(key, "/"); {
			case ours.Has(key):
				continue
			case excepted:
				delete(unused, name)
			case inner > 0 && !ours.Has(strings.TrimSuffix(key[:inner], "/*")):
				// the object that contains the key is missing too, and is reported
			default:
				problems = append(problems, fmt.Sprintf("godo's %s has %q, %s does not", p.godo.Name(), key, p.ours))
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(unused)) {
		problems = append(problems, fmt.Sprintf("the exception %q is not needed", name))
	}
	return problems, nil
}

type theirs struct {
	ID    int `json:"id"`
	Inner struct {
		Known bool `json:"known"`
		New   bool `json:"new"`
	} `json:"inner"`
	List []struct {
		New string `json:"new"`
	} `json:"list"`
}

type own struct {
	ID    int64 `json:"id"`
	Inner *struct {
		Known bool `json:"known"`
	} `json:"inner"`
}

// TestCompareKeysFindsMissingKeys checks that the comparison finds missing keys in responses and in requests, and exceptions that
// are not needed.
func TestCompareKeysFindsMissingKeys(t *testing.T) {
	for _, p := range []pair{response[theirs, own](), request[theirs, own]()} {
		got, err := compareKeys([]pair{p}, map[string]string{"theirs /id": "not missing"})
		if err != nil {
			t.Fatal(err)
		}
		want := []string{
			`godo's theirs has "/inner/new", benchmarks.own does not`,
			`godo's theirs has "/list", benchmarks.own does not`,
			`the exception "theirs /id" is not needed`,
		}
		if !slices.Equal(got, want) {
			t.Errorf("got %q", got)
		}
		got, err = compareKeys([]pair{p}, map[string]string{"theirs /inner/new": "", "theirs /list": ""})
		if err != nil || len(got) != 0 {
			t.Errorf("with exceptions: %q, %v", got, err)
		}
	}
	if _, err := compareKeys([]pair{request[theirs, struct{ F func() }]()}, nil); err == nil {
		t.Error("a type that cannot be filled was accepted")
	}
}
