"""What the record page mounts: camera and microphone, a take, and its way into the project. The modules are ES modules beside this file."""
