package droplets_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/droplets-go/droplets"
	"github.com/droplets-go/droplets/dropletstest"
)

// Adds the public key of this computer to the account, unless it is there already, and creates a Droplet with it. A program
// reads the key from a file such as ~/.ssh/id_ed25519.pub.
func ExampleSSHKeysService_Ensure() {
	ctx := context.Background()
	api := dropletstest.New(dropletstest.WithActionDuration(time.Millisecond))
	client := api.Client(droplets.WithPollPolicy(droplets.PollPolicy{Initial: time.Millisecond}))
	publicKey := "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGMKVA9w40pO63tgbmSZ4+FU7tvLR+pr1aEPjl6dtfFa me@laptop\n"

	key, created, err := client.SSHKeys.Ensure(ctx, droplets.SSHKeyCreateRequest{Name: "laptop", PublicKey: publicKey})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Name, key.Fingerprint, created)

	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
		Name:    "web-1",
		Size:    "s-1vcpu-1gb",
		Image:   droplets.ImageSlug("ubuntu-24-04-x64"),
		SSHKeys: []droplets.SSHKeyRef{key.Ref()},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(d.Name, d.Status)

	// The key is found by its data; its name and its comment do not matter.
	key, created, err = client.SSHKeys.Ensure(ctx, droplets.SSHKeyCreateRequest{Name: "work", PublicKey: publicKey})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(key.Name, created)
	// Output:
	// laptop 8b:6e:a3:53:98:16:e6:4a:4e:fd:89:d0:ec:e9:ea:e4 true
	// web-1 active
	// laptop false
}

// A private key is never sent.
func ExampleSSHKeysService_Create() {
	ctx := context.Background()
	client := dropletstest.New().Client()

	_, err := client.SSHKeys.Create(ctx, droplets.SSHKeyCreateRequest{
		Name:      "laptop",
		PublicKey: "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA...",
	})
	fmt.Println(err)
	fmt.Println(errors.Is(err, droplets.ErrInvalidArgument))
	// Output:
	// droplets: invalid argument: PublicKey must be a public key, but it is a private key; it was not sent
	// true
}

// Renames a key that is identified by its fingerprint, and lists the keys of the account.
func ExampleSSHKeysService_Update() {
	ctx := context.Background()
	api := dropletstest.New()
	client := api.Client()
	_, fingerprint := api.AddSSHKey("laptop", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGMKVA9w40pO63tgbmSZ4+FU7tvLR+pr1aEPjl6dtfFa")

	_, err := client.SSHKeys.Update(ctx, droplets.SSHKeyFingerprint(fingerprint), droplets.SSHKeyUpdateRequest{Name: "old laptop"})
	if err != nil {
		log.Fatal(err)
	}
	for key, err := range client.SSHKeys.All(ctx, nil) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(key.Name)
	}
	// Output: old laptop
}
