package droplets_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
	"github.com/droplets-go/droplets/internal/virtualtime"
)

// Public keys that ssh-keygen has made, and the fingerprints that "ssh-keygen -l -E md5" prints. sampleKey has no comment.
const (
	sampleKey         = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGMKVA9w40pO63tgbmSZ4+FU7tvLR+pr1aEPjl6dtfFa"
	sampleFingerprint = "8b:6e:a3:53:98:16:e6:4a:4e:fd:89:d0:ec:e9:ea:e4"
	ecdsaKey          = "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHmaFp7Vpr71ndNHTxF3LRq2kO8YVzONvLbbyDx04mvMEUfTMrbmWEVN/CKT/Alhhw6FPhj1sCf5y5GEpNHmA2k= me@laptop"
	ecdsaFingerprint  = "73:9b:1d:b0:78:50:6d:7c:6a:0d:3c:7c:6a:16:97:ac"
	rsaKey            = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQCd26frIhZ7P8nyHr59RThtM7TflPnRzZzIHjC2is72qA2D5J2E4QYPpe6gyXf/sD1WuaQX7qGBVoeS8OwpbUJ1OBJrnoqaNeGHqNTfUA8Q5e7+dMz9bUSt1ze1+lGiUdpejMQ36gt8IJFFhUI32Sq9JHMc60aIhC+T5/ozZ97yYw== a b c"
	rsaFingerprint    = "c5:08:3c:f7:b4:9a:77:ba:6c:a3:ca:ad:b6:68:5b:6e"
)

func TestSSHKeyRequests(t *testing.T) {
	t.Parallel()
	a, c := newAPI(t, sequence(respond(201, fixture(t, "sshKeys_create.201")), respond(200, fixture(t, "sshKeys_update.200")),
		respond(200, fixture(t, "sshKeys_get.200")), respond(200, fixture(t, "sshKeys_get.200")), respond(204, "")))
	key, err := c.SSHKeys.Create(t.Context(), droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: sampleKey + " me@laptop\n"})
	require.NoError(t, err)
	assert.Equal(t, droplets.SSHKeyID(512189), key.Ref())
	assert.JSONEq(t, `{"name":"laptop","public_key":"`+sampleKey+` me@laptop\n"}`, a.last().Body, "the text is sent as it is")

	key, err = c.SSHKeys.Update(t.Context(), key.Ref(), droplets.SSHKeyUpdateRequest{Name: "desktop"})
	require.NoError(t, err)
	assert.Equal(t, "My SSH Public Key", key.Name)
	assert.Equal(t, http.MethodPut, a.last().Method)
	assert.Equal(t, "/v2/account/keys/512189", a.last().Path)
	assert.JSONEq(t, `{"name":"desktop"}`, a.last().Body)

	_, err = c.SSHKeys.Get(t.Context(), droplets.SSHKeyFingerprint(key.Fingerprint))
	require.NoError(t, err)
	assert.Equal(t, "/v2/account/keys/3b:16:bf:e4:8b:00:8b:b8:59:8c:a9:d3:f0:19:45:fa", a.last().Path)
	_, err = c.SSHKeys.Get(t.Context(), droplets.SSHKeyFingerprint("SHA256:a/b+c"))
	require.NoError(t, err)
	assert.Equal(t, "/v2/account/keys/SHA256:a/b+c", a.last().Path, "one segment, which the server decodes")
	require.NoError(t, c.SSHKeys.Delete(t.Context(), droplets.SSHKeyID(512189)))
	assert.Equal(t, http.MethodDelete, a.last().Method)
}

func TestSSHKeyPathsAreEscaped(t *testing.T) {
	t.Parallel()
	var path string
	_, c := newAPI(t, func(_ int, r *http.Request) (*http.Response, error) {
		path = r.URL.EscapedPath()
		return respond(204, "")()
	})
	require.NoError(t, c.SSHKeys.Delete(t.Context(), droplets.SSHKeyFingerprint("SHA256:a/b?c")))
	assert.Equal(t, testPrefix+"/v2/account/keys/SHA256:a%2Fb%3Fc", path)
}

// Each of these texts is rejected by Create and Ensure before anything is sent, and no error repeats a part of it.
func TestTextsThatAreNoPublicKey(t *testing.T) {
	t.Parallel()
	data := strings.Fields(sampleKey)[1]
	raw, err := base64.StdEncoding.DecodeString(data)
	require.NoError(t, err)
	encode := base64.StdEncoding.EncodeToString
	a, c := newAPI(t, sequence(respond(500, "")))
	for name, text := range map[string]string{
		"nothing":                     "",
		"space":                       " \n",
		"a private key":               "-----BEGIN OPENSSH PRIVATE KEY-----\n" + data + "\n-----END OPENSSH PRIVATE KEY-----\n",
		"an RSA private key":          "-----BEGIN RSA PRIVATE KEY-----\n" + data,
		"a private key in one line":   "ssh-ed25519 " + data + " -----BEGIN PRIVATE KEY-----",
		"a PuTTY file":                "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nPrivate-Lines: 1\n" + data,
		"a PEM public key":            "-----BEGIN PUBLIC KEY-----\n" + data + "\n-----END PUBLIC KEY-----",
		"the type alone":              "ssh-ed25519",
		"the data alone":              data,
		"two keys":                    sampleKey + "\n" + ecdsaKey,
		"a key in two lines":          "ssh-ed25519\n" + data,
		"options":                     "no-pty " + sampleKey,
		"data that is not base64":     "ssh-ed25519 " + data[:20] + "!" + data[20:],
		"data that is cut":            "ssh-ed25519 " + data[:len(data)-1],
		"data of another type":        "ssh-rsa " + data,
		"a name instead of data":      "ssh-ed25519 laptop",
		"short data":                  "ssh-ed25519 " + encode(raw[:4]),
		"the type without a key":      "ssh-ed25519 " + encode(raw[:15]),
		"a length beyond the data":    "ssh-ed25519 " + encode([]byte("\xff\xff\xff\xff"+"ssh-ed25519")),
		"a length of zero":            "ssh-ed25519 " + encode([]byte("\x00\x00\x00\x00"+"ssh-ed25519")),
		"the fingerprint":             sampleFingerprint,
		"the example of the document": "ssh-rsa AEXAMPLEaC1yc2EAAAADAQABAAAAQQDDHr/jh2Jy4yALcK4JyWbVkPRaWmhck3IgCoeOO3z1e2dBowLh64QAM+Qb72pxekALga2oi4GvT+TlWNhzPH4V example",
	} {
		t.Run(name, func(t *testing.T) {
			req := droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: text}
			_, _, ensureErr := c.SSHKeys.Ensure(t.Context(), req)
			for _, err := range []error{second(c.SSHKeys.Create(t.Context(), req)), ensureErr} {
				requireInvalid(t, err, "PublicKey")
				for part := range strings.FieldsSeq(text) {
					if len(part) > 11 {
						assert.NotContains(t, fmt.Sprintf("%v %+v", err, err), part)
					}
				}
			}
		})
	}
	unnamed := droplets.SSHKeyCreateRequest{PublicKey: sampleKey}
	requireInvalid(t, second(c.SSHKeys.Create(t.Context(), unnamed)), "Name")
	_, _, err = c.SSHKeys.Ensure(t.Context(), unnamed)
	requireInvalid(t, err, "Name")
	_, _, err = c.SSHKeys.Ensure(t.Context(), droplets.SSHKeyCreateRequest{Name: "x", PublicKey: sampleKey}, droplets.ResendUncertain())
	requireInvalid(t, err, "ResendUncertain")
	requireInvalid(t, second(c.SSHKeys.Update(t.Context(), droplets.SSHKeyID(1), droplets.SSHKeyUpdateRequest{})), "Name")
	for _, ref := range []droplets.SSHKeyRef{{}, droplets.SSHKeyID(0), droplets.SSHKeyID(-1), droplets.SSHKeyFingerprint(""),
		droplets.SSHKeyFingerprint(" "), droplets.SSHKeyFingerprint("."), droplets.SSHKeyFingerprint("..")} {
		requireInvalid(t, second(c.SSHKeys.Get(t.Context(), ref)), "ref")
		requireInvalid(t, second(c.SSHKeys.Update(t.Context(), ref, droplets.SSHKeyUpdateRequest{Name: "x"})), "ref")
		requireInvalid(t, c.SSHKeys.Delete(t.Context(), ref), "ref")
	}
	requireInvalid(t, second(c.SSHKeys.List(t.Context(), &droplets.ListOptions{PerPage: 201})), "PerPage")
	assert.Zero(t, a.count(), "no request was sent")
}

// Ensure requests the fingerprint that ssh-keygen prints.
func TestSSHKeyFingerprints(t *testing.T) {
	t.Parallel()
	for text, fingerprint := range map[string]string{
		sampleKey: sampleFingerprint, "\t" + sampleKey + "  a comment\r\n": sampleFingerprint, ecdsaKey: ecdsaFingerprint, rsaKey: rsaFingerprint,
	} {
		a, c := newAPI(t, sequence(respond(403, forbiddenBody)))
		_, _, err := c.SSHKeys.Ensure(t.Context(), droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: text})
		require.ErrorIs(t, err, droplets.ErrForbidden)
		require.NotErrorIs(t, err, droplets.ErrMaybeApplied)
		assert.Equal(t, "/v2/account/keys/"+fingerprint, a.last().Path)
		assert.Equal(t, 1, a.count(), "a 403 does not mean that there is no key")
	}
}

func TestSSHKeysOfTheFake(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		c := api.Client()
		for i, text := range []string{sampleKey, ecdsaKey, rsaKey} {
			_, err := c.SSHKeys.Create(t.Context(), droplets.SSHKeyCreateRequest{Name: fmt.Sprint("key-", i), PublicKey: text})
			require.NoError(t, err)
		}
		require.ErrorIs(t, second(c.SSHKeys.Create(t.Context(), droplets.SSHKeyCreateRequest{Name: "again", PublicKey: sampleKey})), droplets.ErrUnprocessable)
		page, err := c.SSHKeys.List(t.Context(), &droplets.ListOptions{PerPage: 2})
		require.NoError(t, err)
		assert.Equal(t, 3, page.Total)
		assert.Equal(t, 2, page.NextPage)
		var names []string
		for key, err := range c.SSHKeys.All(t.Context(), &droplets.ListOptions{PerPage: 2}) {
			require.NoError(t, err)
			names = append(names, key.Name)
		}
		assert.Equal(t, []string{"key-0", "key-1", "key-2"}, names)
		key, err := c.SSHKeys.Update(t.Context(), droplets.SSHKeyFingerprint(ecdsaFingerprint), droplets.SSHKeyUpdateRequest{Name: "desktop"})
		require.NoError(t, err)
		assert.Equal(t, "desktop", key.Name)
		require.NoError(t, c.SSHKeys.Delete(t.Context(), key.Ref()))
		require.ErrorIs(t, second(c.SSHKeys.Get(t.Context(), key.Ref())), droplets.ErrNotFound)
		require.ErrorIs(t, c.SSHKeys.Delete(t.Context(), key.Ref()), droplets.ErrNotFound)
	})
}

// Updates are not idempotent for the client: another program may have changed the key in between. ResendUncertain retries.
func TestSSHKeyUpdatesAreRetriedOnRequest(t *testing.T) {
	t.Parallel()
	virtualtime.Test(t, func(t *testing.T) {
		api := dropletstest.New()
		id, _ := api.AddSSHKey("laptop", sampleKey)
		update := func(name string, co ...droplets.CallOption) error {
			return second(api.Client().SSHKeys.Update(t.Context(), droplets.SSHKeyID(id), droplets.SSHKeyUpdateRequest{Name: name}, co...))
		}
		api.Respond(2, dropletstest.Match{Operation: "sshKeys_update"}, dropletstest.Fault{Status: 502})
		require.ErrorIs(t, update("a"), droplets.ErrMaybeApplied)
		require.NoError(t, update("b", droplets.ResendUncertain()))
		assert.Equal(t, 3, countRequests(api, "sshKeys_update"))
	})
}

// TestAnotherKeyOfTheSameType: keys of one type are compared by their data.
func TestAnotherKeyOfTheSameType(t *testing.T) {
	t.Parallel()
	other := sampleKey[:len(sampleKey)-1] + "b"
	_, c := newAPI(t, sequence(respond(200, `{"ssh_key":{"id":7,"public_key":"`+other+`"}}`)))
	key, created, err := c.SSHKeys.Ensure(t.Context(), droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: sampleKey})
	require.ErrorIs(t, err, droplets.ErrInvalidResponse)
	assert.ErrorContains(t, err, "another SSH key, 7,")
	assert.Nil(t, key)
	assert.False(t, created)
}
