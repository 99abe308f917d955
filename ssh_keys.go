package droplets

// SSHKeysService manages the SSH keys of the account. It is safe for concurrent use.
type SSHKeysService service
